"""LiteLLM's own token count, where the server sent none: real calls over real HTTP, and what the store is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from recording import Recorded

from ipy_llmtrace import demo
from ipy_llmtrace.recorder import Ended, Recorder
from ipy_llmtrace.recorder.token_estimates import MAX_COUNTED_CHARS
from ipy_llmtrace.trace.span import Span, Tokens

HELLO = [{"role": "user", "content": "no-usage tell me a story"}]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]


@pytest.fixture
def recorded(store: str) -> Iterator[Recorded]:
    found = Recorded()
    recorder = Recorder(found)
    recorder.start()
    yield found
    assert recorder.flush(lambda left: None).settled
    recorder.stop()
    assert found.said == []


@pytest.fixture
def call(server: demo.DemoServer) -> dict[str, Any]:
    return {"model": server.model, "api_base": server.url, "api_key": "demo"}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, uses_libraries: None) -> list[tuple[int, int]]:
    """The threads on which LiteLLM's counter was asked by its public name, and how many characters it was given."""
    import litellm

    asked: list[tuple[int, int]] = []
    counter = litellm.token_counter

    def count(*args: Any, **kwargs: Any) -> int:
        asked.append((threading.get_ident(), len(str(kwargs.get("text") or kwargs.get("messages")))))
        return counter(*args, **kwargs)

    monkeypatch.setattr(litellm, "token_counter", count)
    return asked


def last(recorded: Recorded) -> Span:
    return [change.read() for change in recorded.changes if isinstance(change, Ended)][-1]


def test_a_stream_without_counts_is_estimated_as_litellm_counts(recorded: Recorded, call: dict[str, Any]) -> None:
    import litellm

    text = "".join(
        chunk.choices[0].delta.content or "" for chunk in litellm.completion(messages=HELLO, tools=TOOLS, stream=True, **call)
    )
    span = last(recorded)
    asked = litellm.token_counter("gpt-4o-mini", messages=HELLO, tools=TOOLS)
    replied = litellm.token_counter("gpt-4o-mini", text=text)
    price = sum(litellm.cost_per_token("gpt-4o-mini", prompt_tokens=asked, completion_tokens=replied))
    assert (span.tokens, span.cost_usd) == (None, None)
    assert span.estimated_tokens == Tokens(asked, replied)
    assert span.estimated_cost_usd == pytest.approx(price)


def test_the_store_has_the_estimate_by_a_name_of_ours_and_no_usage(recorded: Recorded, call: dict[str, Any]) -> None:
    import litellm
    import mlflow

    for _ in litellm.completion(messages=HELLO, stream=True, **call):
        pass
    span = last(recorded)
    mlflow.flush_trace_async_logging()
    trace = mlflow.get_trace(span.trace_id)
    assert trace is not None
    attributes = trace.data.spans[0].attributes
    assert attributes["llmtrace.estimated_tokens"] == span.attributes["llmtrace.estimated_tokens"]
    assert attributes["llmtrace.estimated_cost_usd"] == span.estimated_cost_usd
    assert {"mlflow.chat.tokenUsage", "mlflow.llm.cost", "response_cost"}.isdisjoint(attributes)
    assert (trace.info.token_usage, trace.info.cost) == (None, None)


def _text_completion(litellm: Any, call: dict[str, Any]) -> None:
    litellm.text_completion(prompt="no-usage tell me", **{**call, "model": "openai/gpt-3.5-turbo-instruct"})


def _embedding(litellm: Any, call: dict[str, Any]) -> None:
    litellm.embedding(input=["one", "no-usage two"], **{**call, "model": "openai/text-embedding-3-small"})


def _responses(litellm: Any, call: dict[str, Any]) -> None:
    litellm.responses(input="no-usage tell me", **call)


def _acompletion(litellm: Any, call: dict[str, Any]) -> None:
    asyncio.run(litellm.acompletion(messages=HELLO, **call))


def _abandoned(litellm: Any, call: dict[str, Any]) -> None:
    stream = litellm.completion(messages=[{"role": "user", "content": "length:4000"}], stream=True, **call)
    for _ in range(20):
        next(stream)
    stream.close()


ASKED = [_text_completion, _embedding, _responses, _acompletion, _abandoned]


@pytest.mark.parametrize("ask", ASKED, ids=lambda ask: ask.__name__)
def test_every_kind_of_call_without_counts_is_estimated(
    ask: Callable[[Any, dict[str, Any]], None], recorded: Recorded, call: dict[str, Any]
) -> None:
    import litellm

    ask(litellm, call)
    span = last(recorded)
    assert span.tokens is None
    assert span.estimated_tokens is not None
    assert (span.estimated_tokens.input or 0) > 3
    assert (span.estimated_tokens.output is None) == (ask is _embedding)
    assert (span.estimated_cost_usd or 0) > 0


def test_what_the_server_counted_or_refused_is_not_estimated(
    recorded: Recorded, call: dict[str, Any], counted: list[tuple[int, int]]
) -> None:
    import litellm

    litellm.completion(messages=[{"role": "user", "content": "hello"}], **call)
    assert (last(recorded).tokens, last(recorded).estimated_tokens) == (Tokens(5, 8), None)
    with pytest.raises(litellm.InternalServerError):
        litellm.completion(messages=[{"role": "user", "content": "fail:500"}], max_retries=0, **call)
    assert (last(recorded).status, last(recorded).estimated_tokens) == ("error", None)
    assert counted == []


def test_messages_that_the_user_hides_are_not_counted(recorded: Recorded, call: dict[str, Any]) -> None:
    import litellm

    litellm.completion(messages=HELLO, turn_off_message_logging=True, **call)
    assert (last(recorded).hidden_by, last(recorded).estimated_tokens) == ("turn_off_message_logging", None)


def test_a_model_without_a_price_has_estimated_tokens_alone(recorded: Recorded, call: dict[str, Any]) -> None:
    import litellm

    litellm.completion(messages=HELLO, **{**call, "model": "openai/my-own-model"})
    span = last(recorded)
    assert span.estimated_tokens is not None
    assert (span.cost_usd, span.estimated_cost_usd) == (None, None)


def test_nothing_is_counted_on_the_users_thread(
    recorded: Recorded, call: dict[str, Any], counted: list[tuple[int, int]]
) -> None:
    import litellm

    litellm.completion(messages=HELLO, **call)
    asyncio.run(litellm.acompletion(messages=HELLO, **call))
    assert threading.get_ident() not in {thread for thread, _ in counted}
    assert last(recorded).estimated_tokens is not None


def test_of_a_long_prompt_a_part_is_counted(recorded: Recorded, call: dict[str, Any], counted: list[tuple[int, int]]) -> None:
    import litellm

    litellm.completion(messages=[{"role": "user", "content": "no-usage " + "word " * 400_000}], **call)
    tokens = last(recorded).estimated_tokens
    assert tokens is not None
    assert 390_000 < (tokens.input or 0) < 410_000
    assert max(characters for _, characters in counted) <= MAX_COUNTED_CHARS


def test_a_counter_that_fails_costs_the_estimate_alone(
    recorded: Recorded, call: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import litellm

    monkeypatch.setattr(litellm, "disable_token_counter", True)
    litellm.completion(messages=HELLO, **call)
    assert (last(recorded).status, last(recorded).estimated_tokens) == ("ok", None)
    assert "message" in str(last(recorded).outputs)
