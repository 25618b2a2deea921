"""A teacher's encoder, a room's player and a page, each as somebody else would write it from docs/protocol.md."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass

import aioice.ice
import websockets
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from pictures import Loudspeaker, Screen

# The server is on this machine: checks of its other addresses would only make runs differ from machine to machine.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


@dataclass(frozen=True)
class Reply:
    """What the server answered."""

    status: int
    headers: object
    body: bytes

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


class Refused(Exception):
    """The server said no; `reply` says why."""

    def __init__(self, reply):
        super().__init__(f"{reply.status} {reply.text}")
        self.reply = reply


@dataclass(frozen=True)
class Badge:
    """What a key opens: a token, and the lesson that runs now."""

    token: str
    lesson: str


class Client:
    """Speaks HTTP to one server."""

    def __init__(self, base):
        self.base = base

    async def request(self, method, path, token=None, body=None, kind=None, **headers):
        """Any request; a refusal is an answer like others."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if kind is not None:
            headers["Content-Type"] = kind
        data = body.encode() if isinstance(body, str) else body
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        return await asyncio.to_thread(fetch, request)

    async def enter(self, key):
        reply = await self.request("POST", "/api/enter", key)
        return Badge(reply.json["token"], reply.json["lesson"]["id"])

    async def whip(self, pc, lesson, token, query=""):
        """Publishes what the connection has to send."""
        return await self._offer(pc, f"/whip/{lesson}{query}", token)

    async def whep(self, pc, lesson, token):
        """Watches what the connection can receive."""
        return await self._offer(pc, f"/whep/{lesson}", token)

    async def _offer(self, pc, path, token):
        await pc.setLocalDescription(await pc.createOffer())
        posted = time.monotonic()
        reply = await self.request("POST", path, token, pc.localDescription.sdp, "application/sdp")
        if reply.status != 201:
            raise Refused(reply)
        await pc.setRemoteDescription(RTCSessionDescription(reply.text, "answer"))
        return Session(self, token, reply.headers["Location"], reply.headers["ETag"], posted)


@dataclass
class Session:
    """A WHIP or WHEP session that the server granted."""

    client: Client
    token: str
    location: str
    etag: str
    posted: float

    async def patch(self, fragment, **headers):
        kind = "application/trickle-ice-sdpfrag"
        return await self.client.request("PATCH", self.location, self.token, fragment, kind, **headers)

    async def delete(self):
        return await self.client.request("DELETE", self.location, self.token)


class Peer:
    """A WebRTC connection of either side."""

    def __init__(self, profiles=None):
        # Each section offers a transport of its own, and all end up on the first one's: with its other two policies,
        # aiortc loses a second video, or looks for candidates in the last section.
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_COMPAT))
        self.session = None
        self._profiles = profiles

    @property
    def dtls(self):
        """The first section's transport, which the others join."""
        return self.pc.getTransceivers()[0].receiver.transport

    @property
    def profile(self):
        """The SRTP profile that was agreed on."""
        return self.dtls._ssl.get_selected_srtp_profile().decode()

    def _prepare(self):
        if self._profiles is not None:
            self.dtls._srtp_profiles = self._profiles

    async def close(self):
        await self.pc.close()


class Publisher(Peer):
    """Sends an audio track and video tracks: the first is the camera, the second the screen."""

    def __init__(self, *tracks, codec=None, profiles=None):
        super().__init__(profiles)
        for track in tracks:
            transceiver = self.pc.addTransceiver(track, direction="sendonly")
            if track.kind == "video" and codec:
                transceiver.setCodecPreferences(only(codec))
        self._prepare()

    async def publish(self, client, badge, query=""):
        self.session = await client.whip(self.pc, badge.lesson, badge.token, query)
        return self


class Player(Peer):
    """Takes one audio section and one or more video sections."""

    def __init__(self, videos=1, audio=True, codec=None, profiles=None, loss=None):
        super().__init__(profiles)
        self.screens, self.loudspeaker = [], None
        self.pc.on("track", self._receive)
        if audio:
            self.pc.addTransceiver("audio", direction="recvonly")
        for _ in range(videos):
            transceiver = self.pc.addTransceiver("video", direction="recvonly")
            if codec:
                transceiver.setCodecPreferences(only(codec))
        self._prepare()
        if loss:
            loss.onto(self.dtls)

    @property
    def screen(self):
        return self.screens[0]

    async def watch(self, client, badge):
        self.session = await client.whep(self.pc, badge.lesson, badge.token)
        return self

    def _receive(self, track):
        if track.kind == "video":
            self.screens.append(Screen(track))
        else:
            self.loudspeaker = Loudspeaker(track)


class Loss:
    """Loses a share of the RTP packets that arrive at a peer; RTCP, ICE and DTLS pass."""

    def __init__(self, share, chance):
        self.packets, self.lost = 0, 0
        # By the payload type in their header, which SRTP leaves readable.
        self.lost_of = Counter()
        self._share, self._chance = share, chance

    def onto(self, dtls):
        arrive = dtls.transport._recv

        async def receive():
            while True:
                data = await arrive()
                if not (is_rtp(data) and self._falls(data[1] & 0x7F)):
                    return data

        dtls.transport._recv = receive

    def _falls(self, payload_type):
        falls = self._chance.random() < self._share
        self.packets += 1
        self.lost += falls
        self.lost_of[payload_type] += falls
        return falls


class Page:
    """A page on the lesson's WebSocket; it remembers everything it was told."""

    def __init__(self, socket):
        self.heard = []
        self._socket = socket
        self._task = asyncio.ensure_future(self._hear())

    @classmethod
    async def open(cls, client, badge):
        socket = await websockets.connect(client.base.replace("http", "ws", 1) + f"/lesson/{badge.lesson}/ws")
        page = cls(socket)
        await page.say("hello", token=badge.token)
        await page.until("welcome")
        return page

    async def say(self, kind, /, **fields):
        await self._socket.send(json.dumps({"type": kind, **fields}))

    async def until(self, kind, holds=lambda message: True):
        """The first message of this kind that holds."""
        return await until(lambda: next((m for m in self.heard if m["type"] == kind and holds(m)), None))

    async def close(self):
        await self._socket.close()
        await self._task

    async def _hear(self):
        async for text in self._socket:
            self.heard.append(json.loads(text))


async def until(there, within=10):
    """Waits until something is there, and returns it."""
    try:
        async with asyncio.timeout(within):
            while not (found := there()):
                await asyncio.sleep(0.02)
            return found
    except TimeoutError:
        raise AssertionError(f"not within {within} s") from None


def fetch(request):
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return Reply(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as refused:
        return Reply(refused.code, refused.headers, refused.read())


def only(codec):
    """A codec and its retransmission, as `setCodecPreferences` wants it."""
    wanted = (f"video/{codec}".lower(), "video/rtx")
    return [found for found in RTCRtpReceiver.getCapabilities("video").codecs if found.mimeType.lower() in wanted]


def is_rtp(data):
    """RFC 7983 and RFC 5761: neither STUN nor DTLS, and not of an RTCP type."""
    return 128 <= data[0] <= 191 and not 192 <= data[1] <= 223
