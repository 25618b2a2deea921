"""Stories of no: every refusal has a code for programs and a sentence for people, in both languages."""

import pytest
from client import Refused
from pictures import Numbered

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
EMPTY = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
GONE = "0" * 32


@pytest.mark.parametrize("door", ["whip", "whep"])
async def test_doors_say_why_not(stage, client, door):
    teacher, room = await stage.teacher(), await stage.room()
    badge, other = (teacher, room) if door == "whip" else (room, teacher)
    token, path = badge.token, f"/{door}/{badge.lesson}"
    refusals = [
        (401, "token_missing", ("POST", path, None, EMPTY, SDP)),
        (401, "token_invalid", ("POST", path, token[:-4] + "AAAA", EMPTY, SDP)),
        (404, "lesson_unknown", ("POST", f"/{door}/no-such-lesson", token, offer(), SDP)),
        (415, "content_type", ("POST", path, token, offer(), "text/plain")),
        (413, "body_too_large", ("POST", path, token, "v=0\r\n" * 20_000, SDP)),
        (400, "offer_unreadable", ("POST", path, token, "hello", SDP)),
        (400, "offer_unreadable", ("POST", path, token, EMPTY, SDP)),
        (422, "offer_unusable", ("POST", path, token, offer("0 PCMU/8000"), SDP)),
        (404, "session_unknown", ("DELETE", f"{path}/{GONE}", token)),
        (404, "session_unknown", ("PATCH", f"{path}/{GONE}", token, "a=ice-ufrag:aaaa\r\n", FRAGMENT)),
        (415, "content_type", ("PATCH", f"{path}/{GONE}", token, "a=ice-ufrag:aaaa\r\n", SDP)),
    ]
    for status, code, request in refusals:
        expect(await client.request(*request), status, code)
    if door == "whip":
        expect(await client.request("POST", path, other.token, offer(), SDP), 403, "not_permitted")


async def test_a_key_that_is_no_key_is_told_so(client):
    expect(await client.request("POST", "/api/enter"), 401, "token_missing")
    expect(await client.request("POST", "/api/enter", "nonsense"), 401, "token_invalid")


async def test_a_key_is_no_token_and_a_token_no_key(stage, client):
    badge = await stage.teacher()
    path = f"/whip/{badge.lesson}"
    expect(await client.request("POST", path, stage.server.teacher_key, offer(), SDP), 401, "token_invalid")
    expect(await client.request("POST", "/api/enter", badge.token), 401, "token_invalid")


async def test_nobody_touches_the_session_of_another(stage, client):
    teacher = await stage.publish(await stage.teacher(), Numbered("red"))
    room = await stage.room()
    expect(await client.request("DELETE", teacher.session.location, room.token), 403, "not_permitted")
    assert (await teacher.session.delete()).status == 200


async def test_an_ended_lesson_takes_nobody(stage):
    badge = await stage.teacher()
    page = await stage.page(badge)
    await page.say("lesson", action="start")
    await page.say("lesson", action="end")
    await page.until("lesson", lambda message: message["lesson"]["state"] == "ended")

    room = await stage.client.enter(stage.server.teacher_key)
    with pytest.raises(Refused) as refused:
        await stage.publish(room, Numbered("red"))
    expect(refused.value.reply, 409, "lesson_ended")


async def test_an_unreadable_message_is_refused_and_the_class_goes_on(stage):
    page = await stage.page(await stage.room())
    await page.say("dance")
    refused = await page.until("refused")
    assert refused["code"] == "message_unreadable" and refused["title"] and refused["title_zh"]
    await page.say("ping", n=7)
    assert (await page.until("pong"))["n"] == 7


def expect(reply, status, code):
    """The shape of docs/protocol.md §2."""
    assert (reply.status, reply.json["code"]) == (status, code), reply.text
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json["status"] == status
    assert reply.json["title"].endswith(".") and reply.json["title_zh"].endswith("。")


def offer(codec="96 opus/48000/2"):
    """An offer of a good shape, with one audio section."""
    return EMPTY + "".join(
        f"{line}\r\n"
        for line in [
            "a=group:BUNDLE 0",
            f"m=audio 9 UDP/TLS/RTP/SAVPF {codec.split()[0]}",
            "c=IN IP4 0.0.0.0",
            "a=mid:0",
            "a=sendrecv",
            "a=rtcp-mux",
            f"a=rtpmap:{codec}",
            "a=ice-ufrag:abcd",
            "a=ice-pwd:abcdefghijklmnopqrstuvwx",
            "a=setup:actpass",
            "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        ]
    )
