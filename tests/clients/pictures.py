"""Pictures that carry their number and whose they are, a tone, and what a player makes of both."""

import asyncio
import fractions
import math
import random
import struct
import time
from dataclasses import dataclass

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

WIDTH, HEIGHT, RATE = 320, 240, 20
"""Of every picture, in pixels and pictures a second."""
BITS, BLOCK, STRIP = 16, WIDTH // 16, 40
"""The number is a strip of 16 black or white blocks on top: 12 bits, and 4 that check them."""
COLOURS = {"red": (90, 240), "blue": (240, 110), "green": (54, 34)}
"""Each publisher's colour as (U, V)."""
TONE_HZ, AUDIO_RATE, AUDIO_SAMPLES = 450, 48_000, 960
"""Nine periods fill a frame of 20 ms exactly."""


class Numbered(MediaStreamTrack):
    """A camera whose pictures count upwards, over noise that moves so that they have many packets."""

    kind = "video"

    def __init__(self, colour):
        super().__init__()
        self.sent = 0
        self._chroma = COLOURS[colour]
        self._noise = bytes(100 + byte // 8 for byte in random.Random(7).randbytes(WIDTH * HEIGHT * 2))
        self._began = None

    async def recv(self):
        await self._pace()
        self.sent += 1
        start = self.sent * 37 % (WIDTH * HEIGHT)
        below = self._noise[start : start + WIDTH * (HEIGHT - STRIP)]
        planes = [strip(self.sent) + below, *(bytes([part]) * (WIDTH * HEIGHT // 4) for part in self._chroma)]
        frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
        for plane, pixels in zip(frame.planes, planes, strict=True):
            assert plane.line_size == plane.width, "rows have no padding at this width"
            plane.update(pixels)
        frame.pts, frame.time_base = self.sent * (90_000 // RATE), fractions.Fraction(1, 90_000)
        return frame

    async def _pace(self):
        self._began = self._began or time.monotonic()
        await asyncio.sleep(max(0, self._began + self.sent / RATE - time.monotonic()))


class Tone(MediaStreamTrack):
    """A voice that sings one note."""

    kind = "audio"

    def __init__(self):
        super().__init__()
        self._frames = 0
        self._began = None
        wave = (round(8_000 * math.sin(2 * math.pi * TONE_HZ * n / AUDIO_RATE)) for n in range(AUDIO_SAMPLES))
        self._samples = struct.pack(f"<{AUDIO_SAMPLES}h", *wave)

    async def recv(self):
        self._began = self._began or time.monotonic()
        await asyncio.sleep(max(0, self._began + self._frames * 0.02 - time.monotonic()))
        frame = AudioFrame(format="s16", layout="mono", samples=AUDIO_SAMPLES)
        frame.planes[0].update(self._samples)
        frame.pts, frame.sample_rate = self._frames * AUDIO_SAMPLES, AUDIO_RATE
        frame.time_base = fractions.Fraction(1, AUDIO_RATE)
        self._frames += 1
        return frame


@dataclass(frozen=True)
class Seen:
    """A picture as it came out of the decoder."""

    number: int | None
    """`None` if it cannot be read: a picture that lacks a part."""
    colour: str
    at: float
    """Seconds of `time.monotonic()`."""


class Screen:
    """Looks at every picture of a track."""

    def __init__(self, track):
        self.seen = []
        self.ended = False
        self._task = asyncio.ensure_future(self._look(track))

    @property
    def numbers(self):
        return [seen.number for seen in self.seen]

    @property
    def colour(self):
        """The latest picture's."""
        return self.seen[-1].colour if self.seen else None

    async def _look(self, track):
        try:
            while True:
                frame = await track.recv()
                self.seen.append(Seen(read_number(frame), read_colour(frame), time.monotonic()))
        except MediaStreamError:
            self.ended = True


class Loudspeaker:
    """Listens to every audio frame of a track."""

    def __init__(self, track):
        self.loudness = []
        """Root mean square of each frame, of 32,768."""
        self.pitches = []
        """Hz of each frame that is loud."""
        self.ended = False
        self._task = asyncio.ensure_future(self._listen(track))

    async def _listen(self, track):
        try:
            while True:
                samples = left_channel(await track.recv())
                self.loudness.append(math.sqrt(sum(s * s for s in samples) / len(samples)))
                if self.loudness[-1] > 1_000:
                    self.pitches.append(pitch(samples))
        except MediaStreamError:
            self.ended = True


def strip(number):
    """The rows that hold a number."""
    low = number % 4096
    bits = low << 4 | check(low)
    row = b"".join(bytes([235 if bits >> (BITS - 1 - n) & 1 else 16]) * BLOCK for n in range(BITS))
    return row * STRIP


def check(number):
    """Four bits that change with any single one of twelve."""
    return (number ^ number >> 4 ^ number >> 8 ^ 0b1010) & 0b1111


def read_number(frame):
    luma = frame.planes[0]
    row = bytes(luma)[STRIP // 2 * luma.line_size :]
    bits = 0
    for n in range(BITS):
        bits = bits << 1 | (row[n * BLOCK + BLOCK // 2] > 125)
    return bits >> 4 if check(bits >> 4) == bits & 0b1111 else None


def read_colour(frame):
    u, v = (bytes(plane)[plane.line_size * 90 + 80] for plane in frame.planes[1:3])
    return min(COLOURS, key=lambda name: abs(COLOURS[name][0] - u) + abs(COLOURS[name][1] - v))


def left_channel(frame):
    channels = len(frame.layout.channels)
    length = frame.samples * channels
    return struct.unpack(f"<{length}h", bytes(frame.planes[0])[: length * 2])[::channels]


def pitch(samples):
    """By counting how often the wave rises through zero."""
    rises = [n for n in range(1, len(samples)) if samples[n - 1] < 0 <= samples[n]]
    return AUDIO_RATE * (len(rises) - 1) / (rises[-1] - rises[0]) if len(rises) > 1 else 0
