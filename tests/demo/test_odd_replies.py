"""The demo server's replies that no API promises: failures said in a stream, odd counts, deep nesting, damage."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any

import pytest

from ipy_llmtrace import demo
from ipy_llmtrace.demo.odd_values import ODD_COUNTS
from ipy_llmtrace.demo.raw_json import INFINITE

BODIES: dict[str, Any] = {
    "chat/completions": lambda text: {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]},
    "responses": lambda text: {"model": "gpt-4o-mini", "input": text},
    "messages": lambda text: {"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": text}], "max_tokens": 99},
    "models/gemini-2.5-flash:generateContent": lambda text: {"contents": [{"role": "user", "parts": [{"text": text}]}]},
}


def send(server: demo.DemoServer, route: str, text: str, **options: Any) -> str:
    body = BODIES[route](text) | options
    if options.get("stream"):
        route = route.replace(":generateContent", ":streamGenerateContent?alt=sse")
    connection = HTTPConnection(server.url.removeprefix("http://").removesuffix("/v1"))
    connection.request("POST", f"/v1/{route}", json.dumps(body))
    response = connection.getresponse()
    data = response.read().decode()
    connection.close()
    assert response.status == 200, data
    return data


def streamed(server: demo.DemoServer, route: str, text: str) -> list[Any]:
    lines = [line[6:] for line in send(server, route, text, stream=True).splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


@pytest.mark.parametrize("route", BODIES)
def test_a_stream_says_that_it_failed_in_its_apis_own_words(server: demo.DemoServer, route: str):
    events = streamed(server, route, "length:100 error-after:5")
    assert len(events) > 2
    assert [("error" in event or event.get("type") == "response.failed") for event in events[-2:]] == [False, True]


def test_a_failed_response_has_that_status(server: demo.DemoServer):
    reply = json.loads(send(server, "responses", "hello error-after:0"))
    assert (reply["status"], reply["error"]["code"], reply["output"]) == ("failed", "server_error", [])


def test_a_stream_without_words_is_its_end_alone(server: demo.DemoServer):
    assert send(server, "chat/completions", "no-words", stream=True) == "data: [DONE]\n\n"


@pytest.mark.parametrize("route", BODIES)
@pytest.mark.parametrize("kind", ODD_COUNTS)
def test_every_count_of_a_usage_is_odd(server: demo.DemoServer, route: str, kind: str):
    text = send(server, route, f"hello usage:{kind}")
    reply = json.loads(text)
    odd = float("inf") if ODD_COUNTS[kind] == INFINITE else ODD_COUNTS[kind]
    assert odd in (reply.get("usage") or reply["usageMetadata"]).values()
    assert ("1e400" in text) is (kind == "infinite")


def test_a_reply_is_nested_as_deep_as_asked(server: demo.DemoServer):
    assert f'"x_nested": {"[" * 3000}{"]" * 3000}' in send(server, "chat/completions", "hello nested:3000")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("route", BODIES)
def test_the_same_number_damages_a_reply_the_same_way(server: demo.DemoServer, route: str, stream: bool):
    def without_ids(text: str) -> str:
        return "".join(each for each in text if not each.isdigit())

    whole = without_ids(send(server, route, "hello", stream=stream))
    damaged = [[without_ids(send(server, route, f"hello mutate:{n}", stream=stream)) for n in range(20)] for _ in range(2)]
    assert damaged[0] == damaged[1]
    assert len(set(damaged[0]) - {whole}) > 10


@pytest.mark.parametrize("route", BODIES)
def test_sources_are_cited(server: demo.DemoServer, route: str):
    for text in (send(server, route, "hello cite:2"), send(server, route, "hello cite:2", stream=True)):
        assert "ource-2" in text or "Source 2" in text


def test_two_choices_are_streamed_at_once(server: demo.DemoServer):
    body = {"stream": True, "n": 2}
    lines = send(server, "chat/completions", "hello", **body).splitlines()
    indexes = [json.loads(line[6:])["choices"][0]["index"] for line in lines if line.startswith("data: {")]
    assert indexes[:6] == [0, 1, 0, 1, 0, 1]


def test_sound_is_streamed_with_what_it_says(server: demo.DemoServer):
    options = {"stream": True, "modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "pcm16"}}
    lines = send(server, "chat/completions", "hello", **options).splitlines()
    deltas = [json.loads(line[6:])["choices"][0]["delta"].get("audio", {}) for line in lines if line.startswith("data: {")]
    assert "".join(delta.get("transcript", "") for delta in deltas) == "Hello! How can I help you today?"
    assert sum("data" in delta for delta in deltas) == 2


@pytest.mark.parametrize("stream", [False, True])
def test_thoughts_come_in_each_apis_own_form(server: demo.DemoServer, stream: bool):
    signs = {"chat/completions": "reasoning_content", "responses": "summary_text", "messages": "thinking"}
    for route in BODIES:
        assert signs.get(route, '"thought": true') in send(server, route, "hello reasoning:5", stream=stream)


def test_geminis_model_is_in_the_path_and_its_thoughts_count_apart(server: demo.DemoServer):
    reply = json.loads(send(server, "models/gemini-2.5-flash:generateContent", "hello cached:2 reasoning:5"))
    usage = reply["usageMetadata"]
    assert reply["modelVersion"] == "gemini-2.5-flash"
    assert (usage["thoughtsTokenCount"], usage["cachedContentTokenCount"]) == (5, 2)
    assert usage["totalTokenCount"] == usage["promptTokenCount"] + usage["candidatesTokenCount"] + 5
