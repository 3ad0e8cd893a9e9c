"""LiteLLM's switches against logging hold for spans and for what is streamed, whichever way a call is made."""

from __future__ import annotations

import asyncio
import gc
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kernel import kernel
from recording import Said

from ipy_llmtrace import demo
from ipy_llmtrace.recorder import Began, Change, Ended, Recorder, Streamed
from ipy_llmtrace.recorder.litellm import privacy
from ipy_llmtrace.trace.span import Span

SECRET = "xyzzy"
ASK = [{"role": "user", "content": f"echo:{SECRET} "}]
TOOLS = [{"type": "function", "function": {"name": SECRET, "parameters": {"type": "object", "properties": {}}}}]

HIDING = {
    "of this call": {"turn_off_message_logging": True},
    "as text": {"turn_off_message_logging": "true"},
    "a header": {"metadata": {"headers": {"litellm-enable-message-redaction": "true"}}},
    "the other header": {"metadata": {"headers": {"x-litellm-enable-message-redaction": "true"}}},
}


class Recording(Said):
    def __init__(self) -> None:
        super().__init__()
        self.changes: list[Change] = []
        self.hidden: list[str] = []

    def take(self, change: Change) -> None:
        self.changes.append(change)
        if isinstance(change, Began):
            change.read()

    def messages_hidden(self, span_id: str) -> None:
        self.hidden.append(span_id)

    @property
    def ended(self) -> list[Span]:
        return [change.read() for change in self.changes if isinstance(change, Ended)]

    @property
    def told(self) -> str:
        """All that a view could show of what was recorded."""
        spans = [(s.inputs, s.outputs, s.attributes, s.message, [e.attributes for e in s.events]) for s in self.ended]
        return json.dumps([spans, [change.text for change in self.changes if isinstance(change, Streamed)]], default=str)


@pytest.fixture
def recording(store: str) -> Iterator[Recording]:
    found = Recording()
    recorder = Recorder(found)
    recorder.start()
    yield found
    recorder.stop()
    assert found.said == []


@pytest.fixture
def call(server: demo.DemoServer) -> dict[str, Any]:
    return {"model": server.model, "api_base": server.url, "api_key": "demo", "max_retries": 0}


def _stream(**call: Any) -> None:
    import litellm

    for _ in litellm.completion(messages=ASK, stream=True, **call):
        pass


def _read_partly(**call: Any) -> None:
    import litellm

    stream = litellm.completion(messages=ASK, stream=True, **call)
    next(stream)
    del stream
    gc.collect()
    litellm.completion(messages=ASK, **call)  # a stream that was dropped is ended with the next call


async def _async_stream(**call: Any) -> None:
    import litellm

    async for _ in await litellm.acompletion(messages=ASK, stream=True, **call):
        pass


async def _anthropic(**call: Any) -> None:
    import litellm

    call["api_base"] = call["api_base"].removesuffix("/v1")
    await litellm.anthropic_messages(messages=ASK, max_tokens=50, **{**call, "model": "anthropic/claude-sonnet-4-5"})


def _failing(**call: Any) -> None:
    import litellm

    with pytest.raises(litellm.InternalServerError):
        litellm.completion(messages=ASK, **{**call, "model": "openai/fail:500"})


def _fallbacks(**call: Any) -> None:
    import litellm

    litellm.completion(messages=ASK, fallbacks=[call["model"]], **{**call, "model": "openai/fail:500"})


def _router(**call: Any) -> None:
    import litellm

    own = {name: call.pop(name) for name in ("model", "api_base", "api_key")}
    router = litellm.Router(model_list=[{"model_name": "mine", "litellm_params": own}], num_retries=0)
    router.completion("mine", messages=ASK, **call)


CALLS: dict[str, Callable[..., Any]] = {
    "sync": lambda **call: __import__("litellm").completion(messages=ASK, tools=TOOLS, **call),
    "async": lambda **call: __import__("litellm").acompletion(messages=ASK, **call),
    "stream": _stream,
    "stream, read partly": _read_partly,
    "async stream": _async_stream,
    "text": lambda **call: __import__("litellm").text_completion(prompt=f"echo:{SECRET} ", **call),
    "responses": lambda **call: __import__("litellm").responses(input=f"echo:{SECRET} ", instructions=SECRET, **call),
    "anthropic": _anthropic,
    "embedding": lambda **call: __import__("litellm").embedding(
        input=[SECRET], **{**call, "model": "openai/text-embedding-3-small"}
    ),
    "failing": _failing,
    "fallbacks": _fallbacks,
    "router": _router,
}


def made(name: str, **call: Any) -> None:
    found = CALLS[name](**call)
    if isinstance(found, Awaitable):

        async def awaited() -> None:
            await found

        asyncio.run(awaited())
    gc.collect()


@pytest.mark.parametrize("name", CALLS)
def test_what_litellm_must_not_log_is_not_recorded_either(
    name: str, recording: Recording, call: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    import litellm

    monkeypatch.setattr(litellm, "turn_off_message_logging", True)
    made(name, **call)
    assert SECRET not in recording.told
    assert recording.ended
    assert {span.hidden_by for span in recording.ended} == {"litellm.turn_off_message_logging"}
    assert recording.hidden


@pytest.mark.parametrize("switch", HIDING)
@pytest.mark.parametrize("name", ["sync", "stream", "async stream", "fallbacks"])
def test_the_switches_of_one_call_hide_it(switch: str, name: str, recording: Recording, call: dict[str, Any]):
    made(name, **call, **HIDING[switch])
    assert SECRET not in recording.told
    assert {span.hidden_by for span in recording.ended} == {privacy.hidden_by(privacy.request_details(HIDING[switch]))}


@pytest.mark.parametrize("name", ["sync", "stream"])
def test_without_a_switch_all_is_recorded(name: str, recording: Recording, call: dict[str, Any]):
    made(name, **call)
    assert SECRET in recording.told
    assert [span.hidden_by for span in recording.ended] == [None]
    assert recording.hidden == []


def test_a_call_may_be_logged_although_others_are_not(
    recording: Recording, call: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    import litellm

    monkeypatch.setattr(litellm, "turn_off_message_logging", True)
    made("sync", **call, turn_off_message_logging=False)
    assert SECRET in recording.told


def test_tokens_cost_and_times_of_a_hidden_call_are_known(recording: Recording, call: dict[str, Any]):
    made("sync", **call, turn_off_message_logging=True, temperature=0.5)
    (span,) = recording.ended
    assert span.tokens is not None
    assert span.tokens.output
    assert span.cost_usd
    assert span.model == "gpt-4o-mini"
    assert span.params == {"temperature": 0.5, "max_retries": 0}


@pytest.mark.parametrize("name", CALLS)
def test_what_is_not_to_be_logged_has_no_span(name: str, recording: Recording, call: dict[str, Any]):
    made(name, **call, **{"no-log": True})
    assert recording.changes == []


@pytest.mark.parametrize("state", ["as it is", "gone", "failing"])
def test_the_switches_hold_if_litellms_own_decision_is_gone(state: str, monkeypatch: pytest.MonkeyPatch):
    """When the first case fails, LiteLLM decides otherwise than it did: compare `privacy` with
    ``litellm/litellm_core_utils/redact_messages.py``, ``should_redact_message_logging``."""
    import litellm

    def fail(details: dict[str, Any]) -> bool:
        raise TypeError("changed")

    if state != "as it is":
        monkeypatch.setattr(privacy, "should_redact_message_logging", None if state == "gone" else fail)
    for asked in HIDING.values():
        assert privacy.hidden_by(privacy.request_details(asked)) is not None
    assert privacy.hidden_by(privacy.request_details({})) is None
    monkeypatch.setattr(litellm, "turn_off_message_logging", True)
    assert privacy.hidden_by(privacy.request_details({})) == "litellm.turn_off_message_logging"
    for asked in (
        {"turn_off_message_logging": False},
        {"metadata": {"headers": {"litellm-disable-message-redaction": "true"}}},
    ):
        assert privacy.hidden_by(privacy.request_details(asked)) is None


@pytest.mark.notebook
def test_neither_the_view_nor_the_store_nor_the_tags_have_what_is_hidden(server: demo.DemoServer, tmp_path: Path):
    # Other tests have chosen a store and an experiment, which MLflow hands on to child processes.
    inherited = {name: value for name, value in os.environ.items() if "MLFLOW_" not in name}
    ours = {"OPENAI_API_KEY": "demo", "OPENAI_BASE_URL": server.url, "MLFLOW_DISABLE_TELEMETRY": "true"}
    with kernel(tmp_path, inherited | ours) as started:
        started.run("import litellm, mlflow\n%load_ext ipy_llmtrace\n%llmtrace on")
        called = started.run(
            f"litellm.turn_off_message_logging = True\nasked = [{{'role': 'user', 'content': 'echo:{SECRET} '}}]\n"
            f"@mlflow.trace\ndef own(): litellm.completion({server.model!r}, asked)\n"
            f"own()\nfor piece in litellm.completion({server.model!r}, asked, stream=True): pass"
        )
        assert (called.error, len(called.views)) == (None, 1)
        assert "messages hidden by litellm.turn_off_message_logging" in "\n".join(called.tree)
        assert "everything" in started.run("%llmtrace flush").stdout
        assert started.run("print(len(mlflow.search_traces(return_type='list')))").stdout == "2\n"
    assert SECRET not in json.dumps([dict(output) for output in called.outputs], default=str)
    assert SECRET.encode() not in (tmp_path / "mlflow.db").read_bytes()
