"""Whatever an upstream does, it ends as an error code, a sentence for the member and a detail for the administrator."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import User
from tests.portal import SECRET, Browser, Portal, answer_of, settled
from tests.upstreams.scripted import (
    DONE,
    FINISH,
    HEAD,
    Cut,
    Hold,
    Raw,
    ScriptedUpstream,
    delta,
    frame,
    refuse,
)
from upstream.models import Credential, LanguageModel

CLOUDFLARE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>cf</body></html>"
)

BEFORE_ANY_TEXT: dict[str, tuple[list[Any], str]] = {
    "400, context too long": (
        refuse(400, {"error": {"message": "too long", "code": "context_length_exceeded"}}),
        "context_too_long",
    ),
    "400, llama.cpp's form of it": (
        refuse(
            400, {"error": {"type": "exceed_context_size_error", "n_ctx": 4096, "message": "no"}}
        ),
        "context_too_long",
    ),
    "400": (refuse(400, {"error": {"message": "no such parameter"}}), "rejected"),
    "401": (refuse(401, {"error": {"message": f"Incorrect key {SECRET}"}}), "unauthorized"),
    "403": (refuse(403, {"error": {"message": "country not supported"}}), "unauthorized"),
    "404": (refuse(404, {"error": {"message": "model not found"}}), "rejected"),
    "429": (
        refuse(429, {"error": {"message": "slow down"}}, headers={"Retry-After": "7"}),
        "rate_limited",
    ),
    "429, nothing left": (refuse(429, {"error": {"code": "insufficient_quota"}}), "quota_exceeded"),
    "402": (refuse(402, {"error": {"message": "pay"}}), "quota_exceeded"),
    "500": (refuse(500, {"error": {"message": "oops"}}), "unreachable"),
    "502 as HTML": (refuse(502, b"<html><title>Bad gateway</title></html>"), "unreachable"),
    "403, Cloudflare's page": (refuse(403, CLOUDFLARE), "malformed"),
    "200, Cloudflare's page": (refuse(200, CLOUDFLARE), "malformed"),
    "a redirect": (refuse(302, {}, headers={"Location": "http://elsewhere.example/"}), "rejected"),
    "no HTTP": ([Raw(b"SSH-2.0-OpenSSH_9.2\r\n")], "malformed"),
    "hangs up before the headers": ([Cut], "unreachable"),
    "an error frame": ([HEAD, frame({"error": {"message": "x", "code": "429"}})], "rate_limited"),
    "a malformed frame": ([HEAD, frame(b'{"choices": [{"delta'), DONE], "malformed"),
    "a frame of another shape": ([HEAD, frame({"choices": "none"}), DONE], "malformed"),
    "nothing at all": ([HEAD], "interrupted"),
}

AFTER_SOME_TEXT: dict[str, tuple[list[Any], str]] = {
    "the connection breaks": ([Cut], "interrupted"),
    "a clean end without a finish reason": ([], "interrupted"),
    "an error frame": (
        [frame({"error": {"message": "upstream died", "code": "500"}})],
        "interrupted",
    ),
    "a malformed frame": ([frame(b'{"choices": [{"delta'), DONE], "malformed"),
}


@pytest.mark.parametrize("name", BEFORE_ANY_TEXT)
def test_a_refusal_is_told_and_the_question_stays(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel, name: str
) -> None:
    script, code = BEFORE_ANY_TEXT[name]
    upstream.will(script)
    conversation = ada_at.start("My question")
    with ada_at.socket().join(conversation) as socket:
        shown = socket.until_ended()
    generation = settled(conversation)
    assert generation.error_code == shown.error["code"] == code
    assert generation.error_detail
    assert SECRET not in generation.error_detail
    assert shown.error["message"].endswith(".")
    assert generation.status == (
        "interrupted" if code == "interrupted" and shown.text else "failed"
    )
    assert conversation.messages.filter(text="My question").exists()


@pytest.mark.parametrize("name", AFTER_SOME_TEXT)
def test_a_broken_stream_is_never_a_finished_answer(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel, name: str
) -> None:
    rest, code = AFTER_SOME_TEXT[name]
    upstream.will([HEAD, delta("So far, "), delta("so good"), *rest])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        shown = socket.until_ended()
    assert (shown.text, shown.status, shown.error["code"]) == (
        "So far, so good",
        "interrupted",
        code,
    )
    assert answer_of(conversation).text == "So far, so good"


@pytest.mark.parametrize(
    ("before", "code"), [([], "unreachable"), ([HEAD, delta("So far")], "interrupted")]
)
def test_silence_has_a_limit(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel, before: list[Any], code: str
) -> None:
    model.provider.silence_seconds = 1
    model.provider.save()
    upstream.will([*before, Hold()])
    conversation = ada_at.start()
    generation = settled(conversation)
    assert generation.error_code == code
    assert upstream.requests[0].hung_up.wait(5)


def test_a_connection_refused(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    upstream.close_port()
    generation = settled(ada_at.start())
    assert (generation.status, generation.error_code) == ("failed", "unreachable")
    assert "refused" in generation.error_detail


def test_a_host_that_has_no_address(ada_at: Browser, model: LanguageModel) -> None:
    model.provider.base_url = "http://no-such-host.invalid/v1"
    model.provider.save()
    generation = settled(ada_at.start())
    assert generation.error_code == "unreachable"


def test_no_credential(ada_at: Browser, model: LanguageModel) -> None:
    Credential.objects.all().delete()
    generation = settled(ada_at.start())
    assert (generation.status, generation.error_code) == ("failed", "unauthorized")


def test_a_model_that_was_withdrawn_meanwhile(ada_at: Browser, model: LanguageModel) -> None:
    conversation = ada_at.start()
    settled(conversation)
    model.is_enabled = False
    model.save()
    refused = ada_at.say(conversation, "Still there?")
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "no_model"


def test_an_answer_that_is_not_streamed(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    whole = {
        "choices": [
            {"message": {"role": "assistant", "content": "All at once."}, "finish_reason": "stop"}
        ]
    }
    upstream.will(refuse(200, whole))
    conversation = ada_at.start()
    assert settled(conversation).status == "completed"
    assert answer_of(conversation).text == "All at once."


def test_done_without_a_finish_reason_and_a_finish_reason_without_done(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    upstream.will([HEAD, delta("A"), DONE])
    upstream.will([HEAD, delta("B"), FINISH])
    assert settled(ada_at.start()).status == "completed"
    assert settled(ada_at.start()).status == "completed"


def test_awkward_text_arrives_whole(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    emoji = json.dumps("👋")[1:-1]  # two escapes, one for each half
    first, second = emoji[:6].encode(), emoji[6:].encode()
    pieces = [
        frame(b'{"choices":[{"index":0,"delta":{"content":"' + first + b'"}}]}'),
        frame(b'{"choices":[{"index":0,"delta":{"content":"' + second + b'"}}]}'),
        frame('{"choices":[{"index":0,"delta":{"content":"a\u2028b\u0085c"}}]}'.encode()),
        delta("NUL\0 "),
        frame(b'{"choices":[{"index":0,"delta":{"content":"\\ud83d"}}]}'),
        FINISH,
        DONE,
    ]
    whole = delta("天气")
    raw = whole.replace(json.dumps("天气").encode(), '"天气"'.encode())
    cut = raw.index("气".encode()) + 1  # within the character
    upstream.will([HEAD, *pieces[:3], raw[:cut], raw[cut:], *pieces[3:]])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        shown = socket.until_ended()
    assert shown.text == answer_of(conversation).text == "👋a\u2028b\u0085c天气NUL\ufffd \ufffd"


def test_reasoning_is_kept_apart(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    upstream.will([HEAD, delta("Hm.", key="reasoning_content"), delta("Well"), FINISH, DONE])
    conversation = ada_at.start()
    settled(conversation)
    answer = answer_of(conversation)
    assert (answer.text, answer.reasoning) == ("Well", "Hm.")


def test_only_administrators_read_the_detail(
    portal: Portal, ada: User, carol: User, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    for person, reads in ((ada, False), (carol, True)):
        upstream.will(refuse(400, {"error": {"message": "param-xyzzy is wrong"}}))
        browser = portal.opened_by(person)
        conversation = browser.start()
        settled(conversation)
        page = browser.branch(conversation)
        assert ("param-xyzzy" in page) is reads
