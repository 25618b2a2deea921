"""Stories of seeing and hearing: what somebody else's encoder sends, somebody else's player shows."""

import asyncio
import statistics
import time

import pytest
from aiortc.rtcdtlstransport import SRTP_AEAD_AES_128_GCM, SRTP_AEAD_AES_256_GCM, SRTP_AES128_CM_SHA1_80
from client import until
from pictures import TONE_HZ, Numbered, Tone

FIRST_PICTURE_S_MAX = 1.5


def name_of(profile):
    return profile.openssl_profile.decode()


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_a_room_sees_and_hears_the_teacher(stage, codec):
    camera = Numbered("red")
    await stage.publish(await stage.teacher(), Tone(), camera, codec=codec)
    room = await stage.watch(await stage.room())

    await until(lambda: room.screens and len(room.screen.seen) >= 100, within=20)

    numbers = room.screen.numbers
    assert None not in numbers, "every picture is whole"
    assert numbers == sorted(set(numbers)), "no picture is shown twice or late"
    assert len(numbers) >= 0.9 * (numbers[-1] - numbers[0] + 1), "hardly one is missing"
    assert {seen.colour for seen in room.screen.seen} == {"red"}
    assert len(room.loudspeaker.pitches) >= 150
    assert abs(statistics.median(room.loudspeaker.pitches) - TONE_HZ) < 5


async def test_h264_is_taken_from_an_encoder_that_offers_vp8_first(stage):
    teacher = await stage.publish(await stage.teacher(), Numbered("red"))
    [video] = [line for line in teacher.pc.remoteDescription.sdp.splitlines() if line.startswith("m=video")]
    first = video.split()[3]
    assert f"a=rtpmap:{first} H264/90000" in teacher.pc.remoteDescription.sdp


@pytest.mark.parametrize("ours", [SRTP_AES128_CM_SHA1_80, SRTP_AEAD_AES_128_GCM, SRTP_AEAD_AES_256_GCM], ids=name_of)
async def test_a_peer_with_one_srtp_profile_is_served_whatever_the_other_has(stage, ours):
    teacher = await stage.publish(await stage.teacher(), Numbered("red"), profiles=[ours])
    alike = await stage.watch(await stage.room(0), profiles=[ours], audio=False)
    choosing = await stage.watch(await stage.room(1), audio=False)

    await until(lambda: all(room.screens and len(room.screen.seen) >= 20 for room in (alike, choosing)))

    assert teacher.profile == alike.profile == ours.openssl_profile.decode()
    assert choosing.profile == "SRTP_AEAD_AES_128_GCM", "the fastest that is strong enough"


async def test_a_late_room_has_a_picture_at_once(stage, record_property):
    await stage.publish(await stage.teacher(), Tone(), Numbered("red"), codec="H264")
    await asyncio.sleep(5)
    room = await stage.watch(await stage.room())

    await until(lambda: room.screens and room.screen.seen)

    waited = room.screen.seen[0].at - room.session.posted
    record_property("join_s", round(waited, 3))
    assert waited <= FIRST_PICTURE_S_MAX
    assert room.screen.numbers[0] > 80, "it is a picture of now"


async def test_a_room_that_came_before_the_teacher_sees_the_lesson_begin(stage):
    room = await stage.watch(await stage.room())
    await until(lambda: room.pc.connectionState == "connected")
    began = time.monotonic()
    await stage.publish(await stage.teacher(), Tone(), Numbered("red"), codec="H264")

    await until(lambda: room.screen.seen and room.loudspeaker.pitches)

    assert room.screen.seen[0].at - began <= FIRST_PICTURE_S_MAX
