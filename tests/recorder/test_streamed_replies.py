"""Streams of every API over real HTTP: live as they come, and ended as their reader sees it."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from recording import Recorded

from ipy_llmtrace import demo
from ipy_llmtrace.demo import sounds
from ipy_llmtrace.recorder import Began, Ended, Recorder, Streamed
from ipy_llmtrace.trace.conversation import conversation
from ipy_llmtrace.trace.span import Span, Tokens

HELLO = "Hello! How can I help you today?"
THOUGHT = "First, what is asked"


class Recording(Recorded):
    recorder: Recorder

    @property
    def ended(self) -> list[Span]:
        return [change.read() for change in self.changes if isinstance(change, Ended)]

    def only(self) -> Span:
        (span,) = self.ended
        assert len([change for change in self.changes if isinstance(change, Began)]) == 1
        return span

    @property
    def live(self) -> str:
        return "".join(change.text for change in self.changes if isinstance(change, Streamed))

    def leave_cell(self) -> None:
        self.recorder.left_cell({change.span_id for change in self.changes if isinstance(change, Began)}, interrupted=False)


@pytest.fixture
def recording(store: str) -> Iterator[Recording]:
    found = Recording()
    found.recorder = Recorder(found)
    found.recorder.start()
    yield found
    found.recorder.stop()
    assert found.said == []


class Caller:
    """Streams a reply through each of LiteLLM's functions; ``most`` pieces of it are read."""

    def __init__(self, server: demo.DemoServer) -> None:
        self.base = {"api_base": server.url, "api_key": "demo"}
        self.root = server.root_url

    def read(self, api: str, text: str, most: int = 10_000, **options: Any) -> list[Any]:
        if api.startswith("a"):
            return asyncio.run(self._read_async(api, text, most, options))
        return [piece for _, piece in zip(range(most), self._make(api, text, options), strict=False)]

    async def _read_async(self, api: str, text: str, most: int, options: dict[str, Any]) -> list[Any]:
        pieces: list[Any] = []
        async for piece in await self._make(api, text, options):
            pieces.append(piece)
            if len(pieces) == most:
                break
        return pieces

    def _make(self, api: str, text: str, options: dict[str, Any]) -> Any:
        import litellm
        import litellm.google_genai

        messages = [{"role": "user", "content": text}]
        chat = {"model": "openai/gpt-4o-mini", "messages": messages, "stream": True, **self.base, **options}
        counted = {**chat, "stream_options": {"include_usage": True}}
        bridged = {**counted, "model": "openai/responses/gpt-4o-mini"}
        claude = {"model": "anthropic/claude-haiku-4-5", "max_tokens": 400, "api_key": "demo", "api_base": self.root}
        gemini = {"model": "gemini/gemini-2.5-flash", "contents": [{"role": "user", "parts": [{"text": text}]}], **self.base}
        responses = {"model": "openai/gpt-4o-mini", "input": text, "stream": True, **self.base}
        words = {"model": "openai/gpt-3.5-turbo-instruct", "prompt": text, "stream": True, **self.base}
        words["stream_options"] = {"include_usage": True}
        match api.removeprefix("a"):
            case "chat":
                return getattr(litellm, f"{api[:-4]}completion")(**counted)
            case "bridged":
                return getattr(litellm, f"{api[:-7]}completion")(**bridged)
            case "text":
                return getattr(litellm, f"{api[:-4]}text_completion")(**words)
            case "responses":
                return getattr(litellm, api)(**responses)
            case "gemini":
                return getattr(litellm.google_genai, f"{api[:-6]}generate_content_stream")(**gemini)
            case "claude chat":
                return getattr(litellm, f"{api[:-11]}completion")(
                    **{**counted, "model": claude["model"], "api_base": self.root}
                )
            case "router":
                router = litellm.Router(
                    [{"model_name": "a", "litellm_params": {"model": chat["model"], **self.base}}], num_retries=0
                )
                return getattr(router, f"{api[:-6]}completion")("a", messages, stream=True)
            case "nthropic":
                return litellm.anthropic.messages.acreate(messages=messages, stream=True, **claude)
            case _:
                raise ValueError(api)


@pytest.fixture
def caller(server: demo.DemoServer) -> Caller:
    return Caller(server)


CHATS = ["chat", "achat", "bridged", "abridged"]
OTHERS = ["responses", "aresponses", "gemini", "agemini", "anthropic"]
APIS = [*CHATS, *OTHERS]


def replied(span: Span) -> Any:
    chat = conversation(span)
    assert chat is not None
    return chat["replies"]


@pytest.mark.parametrize("api", [*APIS, "text", "atext", "claude chat", "aclaude chat"])
def test_a_stream_that_is_read_to_its_end_has_output_tokens_and_a_cost(recording: Recording, caller: Caller, api: str) -> None:
    caller.read(api, "hello")
    span = recording.only()
    assert (span.status, span.message, recording.live) == ("ok", "", HELLO)
    assert replied(span) == [{"role": "assistant", "parts": [{"kind": "text", "text": HELLO}]}]
    assert span.tokens is not None
    assert (span.tokens.output, bool(span.tokens.input), bool(span.cost_usd)) == (8, True, True)
    assert span.first_token_ns is not None
    assert [event.name for event in span.events] == ["first_token"]


@pytest.mark.parametrize("api", [*CHATS[:2], *OTHERS])
def test_thoughts_are_live_before_the_answer(recording: Recording, caller: Caller, api: str) -> None:
    caller.read(api, "hello reasoning:5")
    span = recording.only()
    assert recording.live == f"{THOUGHT}\n\n{HELLO}"
    assert [part["kind"] for part in replied(span)[0]["parts"]] == ["reasoning", "text"]
    first = next(change for change in recording.changes if isinstance(change, Streamed))
    assert first.time_ns == span.first_token_ns


@pytest.mark.parametrize("api", APIS)
def test_what_had_come_of_a_stream_that_is_broken_off_is_kept(recording: Recording, caller: Caller, api: str) -> None:
    # Anthropic's pieces are what comes at once.
    caller.read(api, "length:300 stall:1", most=1 if api == "anthropic" else 9)
    recording.leave_cell()
    span = recording.only()
    assert (span.status, [event.name for event in span.events]) == ("ok", ["first_token", "stream_abandoned"])
    assert recording.live
    assert replied(span)[0]["parts"] == [{"kind": "text", "text": recording.live}]
    assert (span.tokens, span.cost_usd) == (None, None)


@pytest.mark.parametrize("api", [*APIS, "router", "arouter"])
def test_a_stream_that_fails_after_its_first_words_has_failed(recording: Recording, caller: Caller, api: str) -> None:
    error: Exception | None = None
    try:
        caller.read(api, "length:100 error-after:5")
    except Exception as raised:
        error = raised
    spans = recording.ended
    assert {span.status for span in spans} == {"error"}
    assert all(span.message for span in spans)
    # Anthropic's and Gemini's streams say it, and LiteLLM hands it on as it came.
    assert (error is None) is (api in ("gemini", "agemini", "anthropic"))
    assert error is None or type(error).__name__ in spans[-1].message
    assert replied(spans[0])[0]["parts"] == [{"kind": "text", "text": recording.live}]
    assert (spans[0].tokens, spans[0].cost_usd) == (None, None)
    assert len(spans) == (2 if "router" in api else 1)


@pytest.mark.parametrize("api", ["chat", "achat"])
def test_a_stream_of_nothing_but_its_end_is_a_reply_without_words(recording: Recording, caller: Caller, api: str) -> None:
    caller.read(api, "no-words")
    span = recording.only()
    assert (span.status, span.first_token_ns, recording.live) == ("ok", None, "")


def test_a_failed_response_with_status_200_has_failed(recording: Recording, server: demo.DemoServer) -> None:
    import litellm

    litellm.responses(model="openai/gpt-4o-mini", input="hello error-after:0", api_base=server.url, api_key="demo")
    span = recording.only()
    assert (span.status, span.message) == ("error", "server_error: The model failed to generate a response.")


@pytest.mark.parametrize("api", ["responses", "aresponses"])
def test_an_incomplete_response_is_one_that_says_why(recording: Recording, caller: Caller, api: str) -> None:
    caller.read(api, "hello")
    chat = conversation(recording.only())
    assert chat is not None
    assert chat.get("finish_reason") == "completed"


@pytest.mark.parametrize("api", ["chat", "achat"])
def test_two_choices_are_no_salad(recording: Recording, caller: Caller, api: str) -> None:
    caller.read(api, "hello", n=2)
    span = recording.only()
    assert recording.live == HELLO
    assert [reply["parts"][0].get("text") for reply in replied(span)] == [HELLO, HELLO]
    assert span.tokens is not None
    assert span.tokens.output == 16


@pytest.mark.parametrize("api", ["chat", "achat"])
def test_streamed_sound_ends_with_what_it_says_and_took(
    recording: Recording, caller: Caller, api: str, caplog: pytest.LogCaptureFixture
) -> None:
    options = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "pcm16"}}
    recording.recorder.stop()
    caller.read(api, "hello", **options)
    of_litellm = len([record for record in caplog.records if record.levelno >= logging.WARNING])
    recording.recorder = Recorder(recording)
    recording.recorder.start()
    caplog.clear()
    caller.read(api, "hello", **options)

    span = recording.only()
    audio = span.outputs["choices"][0]["message"]["audio"]
    assert (span.status, audio["transcript"], recording.live) == ("ok", HELLO, HELLO)
    assert base64.b64decode(audio["data"]) == sounds.pcm()
    assert span.tokens == Tokens(input=5, output=8)
    # LiteLLM logs what its builder makes of sound; we add nothing to that.
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == of_litellm


def test_anthropics_input_counts_what_is_cached_and_its_sources_are_kept(recording: Recording, caller: Caller) -> None:
    caller.read("anthropic", "hello cached:3 cite:2")
    span = recording.only()
    assert span.tokens == Tokens(input=9, output=8, cached=3)
    assert len(span.outputs["content"][0]["citations"]) == 2


def test_a_router_whose_fallback_takes_the_stream_over_has_succeeded(recording: Recording, server: demo.DemoServer) -> None:
    import litellm

    base = {"api_base": server.url, "api_key": "demo", "max_retries": 0}
    models = [
        {"model_name": "a", "litellm_params": {"model": "openai/gpt-4o-mini+error-after:0", **base}},
        {"model_name": "b", "litellm_params": {"model": "openai/gpt-4o-mini", **base}},
    ]
    router = litellm.Router(models, fallbacks=[{"a": ["b"]}], num_retries=0)
    for _ in router.completion("a", [{"role": "user", "content": "hello"}], stream=True):
        pass
    assert [(span.name, span.status) for span in recording.ended] == [
        ("litellm-completion", "error"),
        ("litellm-completion", "ok"),
        ("litellm-router", "ok"),
    ]
    assert recording.live == HELLO


@pytest.mark.parametrize("api", ["gemini", "agemini"])
def test_a_plain_gemini_call_has_its_own_reply_and_its_system_instruction(
    recording: Recording, server: demo.DemoServer, api: str
) -> None:
    import litellm.google_genai as genai

    asked: dict[str, Any] = {
        "model": "gemini/gemini-2.5-flash",
        "contents": [{"role": "user", "parts": [{"text": "hello cached:2 reasoning:5"}]}],
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "config": {"temperature": 0.3},
        "api_base": server.url,
        "api_key": "demo",
    }
    _ = asyncio.run(genai.agenerate_content(**asked)) if api == "agemini" else genai.generate_content(**asked)
    span = recording.only()
    assert span.tokens is not None
    assert (span.tokens.cached, span.tokens.reasoning, span.tokens.output) == (2, 5, 13)
    assert span.outputs["usageMetadata"]["thoughtsTokenCount"] == 5
    assert span.params == {"temperature": 0.3}
    assert span.cost_usd
    chat = conversation(span)
    assert chat is not None
    assert [message["role"] for message in chat["messages"]] == ["system", "user"]
    assert [part["kind"] for part in chat["replies"][0]["parts"]] == ["reasoning", "text"]
