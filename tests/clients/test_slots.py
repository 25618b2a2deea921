"""Stories of the teacher's two pictures: who gets the camera, who the screen, and when."""

import asyncio

from client import until
from pictures import Numbered, Tone


async def test_camera_and_screen_fill_the_slots_of_their_names(stage):
    await stage.publish(await stage.teacher(), Tone(), Numbered("red"), Numbered("blue"), codec="H264")
    teacher = await stage.page(await stage.teacher())
    await teacher.say("source", kind="screen", on=True)
    room = await stage.watch(await stage.room(), videos=2)

    await until(lambda: len(room.screens) == 2 and all(len(screen.seen) >= 20 for screen in room.screens))

    camera, screen = room.screens
    assert {seen.colour for seen in camera.seen} == {"red"}
    assert {seen.colour for seen in screen.seen} == {"blue"}
    assert len(room.loudspeaker.pitches) >= 20


async def test_both_pictures_go_on_on_a_good_line(stage):
    """Receivers that estimate alone, as here, must not make the line look thin."""
    await stage.publish(await stage.teacher(), Tone(), Numbered("red"), Numbered("blue"), codec="H264")
    teacher = await stage.page(await stage.teacher())
    await teacher.say("source", kind="screen", on=True)
    room = await stage.watch(await stage.room(), videos=2)

    await asyncio.sleep(12)
    before = [len(screen.seen) for screen in room.screens]
    await asyncio.sleep(2)

    assert all(len(screen.seen) - seen >= 20 for screen, seen in zip(room.screens, before))


async def test_a_player_with_one_picture_is_shown_the_screen_while_it_is_shared(stage, record_property):
    badge = await stage.teacher()
    page = await stage.page(badge)
    teacher = await stage.publish(badge, Tone(), Numbered("red"), Numbered("blue"), codec="H264")
    await page.say("session", location=teacher.session.location)
    await page.say("source", kind="screen", on=False)
    room = await stage.watch(await stage.room())
    await until(lambda: room.screens and room.screen.colour == "red" and len(room.screen.seen) >= 20)

    await page.say("source", kind="screen", on=True)
    await until(lambda: room.screen.colour == "blue", within=3)
    await until(lambda: colours(room).count("blue") >= 20)
    await page.say("source", kind="screen", on=False)
    await until(lambda: room.screen.colour == "red", within=3)
    await until(lambda: colours(room)[-10:] == ["red"] * 10)

    assert changes(colours(room)) == ["red", "blue", "red"], "nothing flickers"
    assert None not in room.screen.numbers, "each change is at a keyframe"


async def test_a_page_is_told_what_fills_its_slots(stage):
    badge = await stage.room()
    page = await stage.page(badge)
    room = await stage.watch(badge, videos=2)
    await page.say("session", location=room.session.location)
    teacher = await stage.teacher()
    await stage.publish(teacher, Tone(), Numbered("red"), Numbered("blue"), codec="H264")

    def camera_is_on(message):
        return any(slot["slot"] == "camera" and slot["source"] == "camera" for slot in message["slots"])

    await page.until("slots", camera_is_on)


def colours(room):
    return [seen.colour for seen in room.screen.seen]


def changes(values):
    """Values without those that repeat the one before."""
    return [value for n, value in enumerate(values) if n == 0 or values[n - 1] != value]
