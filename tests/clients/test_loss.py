"""A story of a bad line: what is lost is sent again."""

import asyncio
import random

from client import Loss, until
from pictures import RATE, Numbered, Tone

STORM_S = 10
# As aiortc offers it; the voice is never asked for again.
OPUS = 96


async def test_pictures_go_on_when_one_packet_in_twenty_is_lost(stage, record_property):
    camera, loss = Numbered("red"), Loss(0.05, random.Random(11))
    await stage.publish(await stage.teacher(), Tone(), camera, codec="H264")
    room = await stage.watch(await stage.room(), loss=loss)
    await until(lambda: room.screens and room.screen.seen)
    before = stage.server.metrics()
    await asyncio.sleep(STORM_S)
    after = stage.server.metrics()

    seen = room.screen.seen
    pauses = [later.at - earlier.at for earlier, later in zip(seen, seen[1:])]
    again = after["tongke_retransmitted_packets_total"] - before["tongke_retransmitted_packets_total"]
    record_property("loss", {"lost": loss.lost, "of": loss.packets, "again": again, "seen": len(seen)})
    assert loss.lost >= 20, "the line was bad"
    pictures = loss.lost - loss.lost_of[OPUS]
    assert again >= pictures * 0.7, f"{again} of {pictures} lost packets of pictures were asked for again"
    assert None not in room.screen.numbers
    assert len(seen) >= 0.85 * STORM_S * RATE
    assert max(pauses) < 1.0
