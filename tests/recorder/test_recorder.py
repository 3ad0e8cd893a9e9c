"""LiteLLM and MLflow for real, over real HTTP, into a real store: what the recorder tells of them."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from recording import Said

from ipy_llmtrace import demo
from ipy_llmtrace.recorder import Began, Change, Ended, Recorder, Streamed
from ipy_llmtrace.trace.span import Span

HELLO = [{"role": "user", "content": "hello"}]


class Recording(Said):
    """What a recorder told, and how many requests the server had seen by then."""

    def __init__(self, server: demo.DemoServer) -> None:
        super().__init__()
        self.server = server
        self.changes: list[tuple[Change, int]] = []

    def take(self, change: Change) -> None:
        self.changes.append((change, len(self.server.requests)))

    @property
    def ended(self) -> list[Span]:
        return [change.read() for change, _ in self.changes if isinstance(change, Ended)]

    @property
    def open_ids(self) -> set[str]:
        began = {change.span_id for change, _ in self.changes if isinstance(change, Began)}
        return began - {change.span_id for change, _ in self.changes if isinstance(change, Ended)}

    def only(self) -> Span:
        (span,) = self.ended
        assert not self.open_ids
        return span


@pytest.fixture
def recording(server: demo.DemoServer, store: str) -> Iterator[Recording]:
    found = Recording(server)
    recorder = Recorder(found)
    recorder.start()
    yield found
    recorder.stop()
    assert found.said == []


@pytest.fixture
def call(server: demo.DemoServer) -> dict[str, Any]:
    return {"model": server.model, "api_base": server.url, "api_key": "demo"}


def test_a_span_begins_before_the_request_and_ends_before_the_call_returns(recording: Recording, call: dict[str, Any]) -> None:
    import litellm

    before = len(recording.server.requests)
    litellm.completion(messages=HELLO, **call)

    kinds = [(type(change).__name__, requests - before) for change, requests in recording.changes]
    assert kinds == [("Began", 0), ("Ended", 1)]


def test_a_span_carries_what_was_asked_and_what_came_back(recording: Recording, call: dict[str, Any]) -> None:
    import litellm

    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]
    reply = litellm.completion(
        messages=[{"role": "user", "content": "echo:hi reasoning:7 cached:3 "}],
        temperature=0.2,
        max_tokens=50,
        tools=tools,
        **call,
    )

    span = recording.only()
    assert (span.name, span.type, span.status, span.message) == ("litellm-completion", "LLM", "ok", "")
    assert (span.model, span.provider) == ("gpt-4o-mini", "openai")
    assert span.inputs["messages"][0]["role"] == "user"
    assert span.inputs["tools"] == tools
    assert span.params == {"temperature": 0.2, "max_tokens": 50}
    assert span.outputs["choices"][0]["message"]["content"] == reply.choices[0].message.content
    assert span.tokens is not None
    assert (span.tokens.input, span.tokens.output) == (reply.usage.prompt_tokens, reply.usage.completion_tokens)
    assert span.cost_usd == pytest.approx(litellm.completion_cost(reply))


def test_cached_and_reasoning_tokens_are_told_apart(recording: Recording, call: dict[str, Any]) -> None:
    import litellm

    litellm.completion(messages=[{"role": "user", "content": "cached:3 reasoning:7 " + "word " * 10}], **call)

    tokens = recording.only().tokens
    assert tokens is not None
    assert (tokens.cached, tokens.reasoning) == (3, 7)


def test_a_model_without_a_price_has_no_cost(recording: Recording, call: dict[str, Any]) -> None:
    import litellm

    litellm.completion(messages=HELLO, **{**call, "model": "openai/a-model-nobody-priced"})

    span = recording.only()
    assert span.cost_usd is None
    assert span.tokens is not None


@pytest.mark.parametrize("usage", [True, False])
def test_a_stream_is_one_span_that_grows(recording: Recording, call: dict[str, Any], usage: bool) -> None:
    import litellm

    options = {"stream_options": {"include_usage": True}} if usage else {}
    text = ""
    for chunk in litellm.completion(messages=HELLO, stream=True, **options, **call):
        # LiteLLM's newer versions send the usage in a piece of its own.
        text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        assert "".join(c.text for c, _ in recording.changes if isinstance(c, Streamed)) == text

    span = recording.only()
    assert span.outputs["choices"][0]["message"]["content"] == text
    assert span.first_token_ns is not None
    assert span.end_ns is not None
    assert span.start_ns < span.first_token_ns <= span.end_ns
    # The server counts only when it is asked to; what is unknown is not zero.
    assert (span.tokens is not None, span.cost_usd is not None, "usage" in span.outputs) == (usage, usage, usage)


def test_an_asynchronous_call_ends_before_its_await_returns(recording: Recording, call: dict[str, Any]) -> None:
    import litellm

    async def ask() -> Span:
        await litellm.acompletion(messages=HELLO, **call)
        return recording.only()

    span = asyncio.run(ask())
    assert (span.name, span.status) == ("litellm-acompletion", "ok")
    assert span.cost_usd is not None
    assert span.tokens is not None


def test_an_asynchronous_stream_ends_before_its_loop_does(recording: Recording, call: dict[str, Any]) -> None:
    import litellm

    async def ask() -> tuple[str, Span]:
        text = ""
        async for chunk in await litellm.acompletion(
            messages=HELLO, stream=True, stream_options={"include_usage": True}, **call
        ):
            text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        return text, recording.only()

    text, span = asyncio.run(ask())
    assert span.outputs["choices"][0]["message"]["content"] == text
    assert "".join(c.text for c, _ in recording.changes if isinstance(c, Streamed)) == text
    assert span.cost_usd is not None


def test_litellm_and_mlflow_spans_are_one_tree(recording: Recording, call: dict[str, Any], server: demo.DemoServer) -> None:
    import litellm
    import mlflow

    @mlflow.trace(span_type="AGENT")
    async def agent() -> None:
        await asyncio.gather(*[litellm.acompletion(messages=HELLO, **call) for _ in range(20)])

    asyncio.run(agent())

    root = next(span for span in recording.ended if span.parent_id is None)
    calls = [span for span in recording.ended if span.parent_id is not None]
    assert root.type == "AGENT"
    assert len(calls) == 20
    assert {span.parent_id for span in calls} == {root.span_id}
    assert {span.trace_id for span in calls} == {root.trace_id}
    ends = [change.span_id for change, _ in recording.changes if isinstance(change, Ended)]
    assert ends[-1] == root.span_id


def test_threads_keep_the_parent(recording: Recording, call: dict[str, Any]) -> None:
    import litellm
    import mlflow

    def ask(_: int = 0) -> None:
        litellm.completion(messages=HELLO, **call)

    with mlflow.start_span("pool") as parent:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(ask, range(8)))
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()

    calls = [span for span in recording.ended if span.type == "LLM"]
    assert len(calls) == 9
    assert {span.parent_id for span in calls} == {parent.span_id}


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_failed_call_says_why(recording: Recording, call: dict[str, Any], asynchronous: bool) -> None:
    import litellm

    failing = {**call, "model": "openai/fail:401"}
    ask = (lambda **kw: asyncio.run(litellm.acompletion(**kw))) if asynchronous else litellm.completion
    with pytest.raises(litellm.AuthenticationError) as raised:
        ask(messages=HELLO, **failing)

    span = recording.only()
    assert span.status == "error"
    assert span.message == f"AuthenticationError: {raised.value}"
    (event,) = [e for e in span.events if e.name == "exception"]
    assert event.attributes["exception.type"] == "AuthenticationError"
    assert "Traceback" in event.attributes["exception.stacktrace"]


def test_a_call_that_never_leaves_the_machine_still_shows(recording: Recording) -> None:
    import litellm

    with pytest.raises(litellm.BadRequestError):
        litellm.completion(model="no-such-provider/x", messages=HELLO)

    assert recording.only().status == "error"


def test_a_stream_that_breaks_is_an_error_under_its_parent(recording: Recording, call: dict[str, Any]) -> None:
    import litellm
    import mlflow

    with pytest.raises(litellm.exceptions.MidStreamFallbackError), mlflow.start_span("parent") as parent:
        for _ in litellm.completion(messages=[{"role": "user", "content": "length:400 die"}], stream=True, **call):
            pass

    (span,) = [s for s in recording.ended if s.type == "LLM"]
    assert (span.status, span.parent_id) == ("error", parent.span_id)
    assert span.outputs["choices"][0]["message"]["content"]


def test_an_embedding_has_its_type_and_input(recording: Recording, call: dict[str, Any]) -> None:
    import litellm

    litellm.embedding(input=["a", "b"], **{**call, "model": "openai/text-embedding-3-small"})

    span = recording.only()
    assert (span.type, span.inputs["input"]) == ("EMBEDDING", ["a", "b"])
    assert span.tokens is not None
    assert span.tokens.input


def test_the_store_gets_the_same(recording: Recording, call: dict[str, Any]) -> None:
    import litellm
    import mlflow

    litellm.completion(messages=HELLO, temperature=0.2, **call)
    span = recording.only()
    mlflow.flush_trace_async_logging()

    trace = mlflow.get_trace(span.trace_id)
    assert trace is not None
    (stored,) = trace.data.spans
    assert (stored.span_id, stored.name, stored.span_type) == (span.span_id, span.name, span.type)
    assert (stored.inputs, stored.outputs) == (span.inputs, span.outputs)
    assert stored.llm_cost["total_cost"] == pytest.approx(span.cost_usd)
    assert trace.info.token_usage["total_tokens"] == span.tokens.total  # pyright: ignore[reportOptionalMemberAccess]


def test_spans_survive_what_replaces_mlflows_processors(
    recording: Recording, tmp_path: Any, call: dict[str, Any], store: str
) -> None:
    import litellm
    import mlflow

    changes = {
        "tracking uri": lambda: mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'other.db'}"),
        "experiment": lambda: mlflow.set_experiment("another"),
        "disable and enable": lambda: (mlflow.tracing.disable(), mlflow.tracing.enable()),
        "reset": mlflow.tracing.reset,
    }
    for change in changes.values():
        change()
        litellm.completion(messages=HELLO, **call)
    assert len(recording.ended) == len(changes)
    mlflow.flush_trace_async_logging()
    mlflow.set_tracking_uri(store)


def test_calls_that_are_not_sampled_end_side_by_side(
    recording: Recording, call: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import litellm
    import mlflow

    monkeypatch.setenv("MLFLOW_TRACE_SAMPLING_RATIO", "0")
    mlflow.tracing.reset()

    async def at_once() -> None:
        await asyncio.gather(*[litellm.acompletion(messages=HELLO, **call) for _ in range(2)])

    asyncio.run(at_once())
    assert recording.changes == []


def test_random_seed_repeats_no_id(recording: Recording, call: dict[str, Any]) -> None:
    import random

    import litellm
    import mlflow

    mlflow.tracing.reset()  # the id generator is chosen with the provider
    for _ in range(2):
        random.seed(0)
        litellm.completion(messages=HELLO, **call)
    first, second = recording.ended
    assert (first.trace_id, first.span_id) != (second.trace_id, second.span_id)
    mlflow.tracing.reset()


def test_switched_off_makes_no_span_and_on_again_makes_one(server: demo.DemoServer, store: str, call: dict[str, Any]) -> None:
    import litellm

    found = Recording(server)
    recorder = Recorder(found)
    for _ in range(3):
        recorder.start()
        litellm.completion(messages=HELLO, **call)
        asyncio.run(litellm.acompletion(messages=HELLO, **call))
        assert len(found.ended) == 2
        recorder.stop()
        found.changes.clear()
        litellm.completion(messages=HELLO, **call)
        asyncio.run(litellm.acompletion(messages=HELLO, **call))
        assert found.changes == []


def test_the_users_own_autolog_stays_on(server: demo.DemoServer, store: str, call: dict[str, Any]) -> None:
    import litellm
    import mlflow

    mlflow.litellm.autolog(silent=True)
    try:
        found = Recording(server)
        recorder = Recorder(found)
        recorder.start()
        litellm.completion(messages=HELLO, **call)
        assert len(found.ended) == 1
        recorder.stop()
        litellm.completion(messages=HELLO, **call)
        mlflow.flush_trace_async_logging()
        assert len(mlflow.search_traces(return_type="list")) == 2
    finally:
        mlflow.litellm.autolog(disable=True, silent=True)
        for name in ("_async_success_callback", "_async_failure_callback"):
            setattr(litellm, name, [])


def test_switching_autolog_off_switches_the_recorder_off(recording: Recording, call: dict[str, Any]) -> None:
    import litellm
    import mlflow

    mlflow.litellm.autolog(disable=True, silent=True)
    litellm.completion(messages=HELLO, **call)
    assert recording.changes == []


def test_the_users_callbacks_see_what_they_would_have_seen(server: demo.DemoServer, store: str, call: dict[str, Any]) -> None:
    import litellm
    from litellm.integrations.custom_logger import CustomLogger

    class Mine(CustomLogger):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[dict[str, Any]] = []

        def log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
            self.seen.append(dict(kwargs["optional_params"]))

    mine = Mine()
    litellm.callbacks.append(mine)
    recorder = Recorder(Said())
    try:
        recorder.start()
        litellm.completion(messages=HELLO, temperature=0.5, user="me", **call)
        recorder.stop()
        assert [{k: v for k, v in seen.items() if k != "extra_body"} for seen in mine.seen] == [
            {"temperature": 0.5, "user": "me"}
        ]
    finally:
        for name in ("callbacks", "input_callback", "success_callback", "failure_callback"):
            callbacks = getattr(litellm, name)
            callbacks[:] = [c for c in callbacks if c is not mine]
        for name in ("_async_success_callback", "_async_failure_callback"):
            callbacks = getattr(litellm, name)
            callbacks[:] = [c for c in callbacks if c is not mine]


HOOKS = [
    "litellm.logger.LiveLogger._begin",
    "litellm.logger.LiveLogger._on_success",
    "litellm.logger.LiveLogger._on_failure",
    "litellm.calls.Calls.begin",
    "litellm.calls.Call.succeed",
    "litellm.calls.Call.fail",
    "litellm.streams.Streams.follow",
    "litellm.streams.Streams._came",
    "litellm.streams.Streams._ended",
    "litellm.streams.Streams._drop",
    "litellm.streams.Followed.take",
    "litellm.replies.chat_chunks.ChatReply.whole",
    "litellm.entry_and_exit.EntryAndExit._returned",
    "litellm.retries.Retries.left",
    "litellm.http_requests.HttpRequests._sending",
    "litellm.http_requests.HttpRequests._sent",
]


@pytest.mark.parametrize("hook", HOOKS)
def test_a_failing_hook_never_reaches_the_call(
    server: demo.DemoServer, store: str, call: dict[str, Any], hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import litellm

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(f"ipy_llmtrace.recorder.{hook}", fail)
    recorded = Said()
    recorder = Recorder(recorded)
    recorder.start()
    try:
        assert litellm.completion(messages=HELLO, **call).choices[0].message.content
        assert asyncio.run(litellm.acompletion(messages=HELLO, **call)).choices[0].message.content
        assert "".join(c.choices[0].delta.content or "" for c in litellm.completion(messages=HELLO, stream=True, **call))
        stream = litellm.completion(messages=HELLO, stream=True, **call)
        next(stream)
        dropped = weakref.ref(stream)
        del stream
        while dropped() is not None:  # LiteLLM logs the piece in a thread
            gc.collect()
        with pytest.raises(litellm.AuthenticationError):
            litellm.completion(messages=HELLO, **{**call, "model": "openai/fail:401"})
    finally:
        recorder.stop()
    # Once for each kind of failure that follows.
    assert recorded.said
    assert len(set(recorded.said)) == len(recorded.said)
    assert all("%llmtrace off" in line for line in recorded.said)


def test_calls_made_at_once_begin_in_the_order_in_which_they_were_made(recording: Recording, call: dict[str, Any]) -> None:
    import litellm

    async def made() -> None:
        asked = [[{"role": "user", "content": f"echo:{number} "}] for number in range(30)]
        await asyncio.gather(*(litellm.acompletion(messages=messages, **call) for messages in asked))

    asyncio.run(made())
    spans = sorted(recording.ended, key=lambda span: span.start_ns)
    assert [span.inputs["messages"][0]["content"] for span in spans] == [f"echo:{number} " for number in range(30)]
