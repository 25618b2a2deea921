"""Stories of a session's life by HTTP: changed, restarted, taken over, ended."""

import re

import aioice
import pytest
from aiortc import RTCPeerConnection
from client import Refused, until
from pictures import Numbered, Tone

RESTART = "a=ice-ufrag:{ufrag}\r\na=ice-pwd:{pwd}\r\n"
CANDIDATE = (
    RESTART
    + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
    + "a=candidate:1 1 UDP 2130706431 192.0.2.7 50000 typ host\r\na=end-of-candidates\r\n"
)


async def test_a_session_that_was_ended_says_goodbye_and_is_gone(stage):
    await stage.publish(await stage.teacher(), Tone(), Numbered("red"), codec="H264")
    room = await stage.watch(await stage.room())
    await until(lambda: room.screens and room.screen.seen)

    assert (await room.session.delete()).status == 200
    await until(lambda: room.screen.ended and room.loudspeaker.ended, within=2)

    again = await room.session.delete()
    assert (again.status, again.json["code"]) == (404, "session_unknown")
    changed = await room.session.patch(RESTART.format(ufrag="aaaa", pwd="b" * 24))
    assert (changed.status, changed.json["code"]) == (404, "session_unknown")


async def test_rooms_stay_connected_when_the_teacher_hangs_up_and_comes_back(stage):
    badge = await stage.teacher()
    teacher = await stage.publish(badge, Tone(), Numbered("red"), codec="H264")
    room = await stage.watch(await stage.room())
    await until(lambda: room.screens and room.screen.seen)

    assert (await teacher.session.delete()).status == 200
    await stage.publish(badge, Tone(), Numbered("green"), codec="H264")
    await until(lambda: room.screen.colour == "green", within=5)

    assert not room.screen.ended


async def test_candidates_are_taken_and_need_no_answer(stage):
    teacher = await stage.publish(await stage.teacher(), Numbered("red"))
    ours = teacher.dtls.transport.iceGatherer.getLocalParameters()
    fragment = CANDIDATE.format(ufrag=ours.usernameFragment, pwd=ours.password)

    for headers in ({}, {"If_Match": teacher.session.etag}, {"If_Match": "*"}):
        reply = await teacher.session.patch(fragment, **headers)
        assert (reply.status, reply.body) == (204, b"")


async def test_a_change_to_another_version_of_the_session_is_refused(stage):
    teacher = await stage.publish(await stage.teacher(), Numbered("red"))
    fragment = RESTART.format(ufrag="aaaa", pwd="b" * 24)

    assert (await teacher.session.patch(fragment, If_Match='"of-yesterday"')).status == 412


async def test_an_ice_restart_moves_the_picture_to_another_address(stage):
    await stage.publish(await stage.teacher(), Tone(), Numbered("red"), codec="H264")
    room = await stage.watch(await stage.room())
    await until(lambda: room.screens and len(room.screen.seen) >= 10)

    road = aioice.Connection(ice_controlling=True)
    await road.gather_candidates()
    fragment = RESTART.format(ufrag=road.local_username, pwd=road.local_password)
    reply = await room.session.patch(fragment, If_Match=room.session.etag)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/trickle-ice-sdpfrag")
    assert reply.headers["ETag"] not in (None, room.session.etag)
    await connect(road, reply.text)
    old = move(room.dtls.transport, road)
    before = len(room.screen.seen)
    await until(lambda: len(room.screen.seen) >= before + 40)

    assert None not in room.screen.numbers
    assert (await room.session.patch(fragment, If_Match=room.session.etag)).status == 412, "the old version is over"
    await old.close()


async def test_a_second_teacher_waits_until_it_takes_over(stage):
    badge = await stage.teacher()
    await stage.publish(badge, Tone(), Numbered("red"), codec="H264")
    room = await stage.watch(await stage.room())
    await until(lambda: room.screens and room.screen.seen)

    with pytest.raises(Refused) as refused:
        await stage.publish(badge, Tone(), Numbered("green"), codec="H264")
    assert (refused.value.reply.status, refused.value.reply.json["code"]) == (409, "already_publishing")
    assert room.screen.colour == "red"

    await stage.publish(badge, Tone(), Numbered("green"), codec="H264", query="?take_over=1")
    await until(lambda: room.screen.colour == "green", within=3)
    shown = len(room.screen.seen)
    await until(lambda: len(room.screen.seen) >= shown + 20)

    assert {seen.colour for seen in room.screen.seen[shown:]} == {"green"}
    assert None not in room.screen.numbers


async def test_an_answer_says_where_the_session_is_and_how_to_change_it(stage, client):
    teacher = await stage.publish(await stage.teacher(), Numbered("red"))
    assert re.fullmatch(r"/whip/[\w-]+/[0-9a-f]{32}", teacher.session.location)
    assert re.fullmatch(r'"[^"]+"', teacher.session.etag)

    asked = await client.request("OPTIONS", teacher.session.location.rpartition("/")[0])
    assert (asked.status, asked.headers["Accept-Post"]) == (204, "application/sdp")


async def connect(road, fragment):
    """Joins a road to what the server's fragment names."""
    [road.remote_username] = re.findall(r"^a=ice-ufrag:(\S+)", fragment, re.MULTILINE)
    [road.remote_password] = re.findall(r"^a=ice-pwd:(\S+)", fragment, re.MULTILINE)
    for line in re.findall(r"^a=candidate:(.+?)\r?$", fragment, re.MULTILINE):
        await road.add_remote_candidate(aioice.Candidate.from_sdp(line))
    await road.add_remote_candidate(None)
    await road.connect()


def move(transport, road):
    """Lets a transport of aiortc, which knows no ICE restart, go on by another road; gives the one it left."""
    old, transport._connection = transport._connection, road
    transport._recv, transport._send = road.recv, road.send
    old.data_received(b"\0", 1)  # wakes whoever waits for the old road; it is nobody's packet
    return old


async def test_a_room_that_watches_too_often_loses_its_oldest_sessions(stage):
    badge = await stage.room()
    offer = await watching_offer()
    replies = [await stage.client.request("POST", f"/whep/{badge.lesson}", badge.token, offer, "application/sdp") for _ in range(5)]
    assert {reply.status for reply in replies} == {201}

    oldest, *others = [reply.headers["Location"] for reply in replies]
    ended = [(await stage.client.request("DELETE", place, badge.token)).status for place in (oldest, *others)]
    assert ended == [404, 200, 200, 200, 200]


async def watching_offer():
    """What a player offers, without the player."""
    pc = RTCPeerConnection()
    pc.addTransceiver("video", direction="recvonly")
    await pc.setLocalDescription(await pc.createOffer())
    offer = pc.localDescription.sdp
    await pc.close()
    return offer
