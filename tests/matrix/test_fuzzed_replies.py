"""Replies damaged at random, of every API, over real HTTP: the user gets the same with tracing on and off, and each call has
one span, in its right state, in the store."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from recording import Recorded

from ipy_llmtrace import demo
from ipy_llmtrace.recorder import Began, Ended, Recorder

pytestmark = pytest.mark.slow

MUTATIONS = 500
BATCHES = 10
_OF_ONE_CALL = re.compile(r"chatcmpl-[\w-]+|demo\d+|0x[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]{27}|resp_[\w=-]+|\b1[789]\d{8}(\.\d+)?\b")
"""Ids, addresses and times, which differ from call to call."""


def kinds(server: demo.DemoServer) -> list[Callable[[str], Any]]:
    """The ways in which a reply is asked for."""
    import litellm

    base: dict[str, Any] = {"api_base": server.url, "api_key": "demo", "max_retries": 0}
    chat = {"model": "openai/gpt-4o-mini", **base}
    claude = {"model": "anthropic/claude-haiku-4-5", "max_tokens": 99, "api_key": "demo", "api_base": server.root_url}
    counted = {"stream": True, "stream_options": {"include_usage": True}}

    def asked(text: str) -> list[dict[str, str]]:
        return [{"role": "user", "content": text}]

    async def pieces(text: str) -> list[Any]:
        return [piece async for piece in await litellm.acompletion(messages=asked(text), **counted, **chat)]

    async def message_pieces(text: str) -> list[Any]:
        stream = await litellm.anthropic.messages.acreate(messages=asked(text), stream=True, **claude)
        return [b"".join([piece async for piece in stream])]

    async def event_pieces(text: str) -> list[Any]:
        return [event async for event in await litellm.aresponses(input=text, stream=True, **chat)]

    return [
        lambda text: litellm.completion(messages=asked(text), **chat),
        lambda text: list(litellm.completion(messages=asked(text), **counted, **chat)),
        lambda text: asyncio.run(pieces(text)),
        lambda text: litellm.responses(input=text, **chat),
        lambda text: list(litellm.responses(input=text, stream=True, **chat)),
        lambda text: asyncio.run(event_pieces(text)),
        lambda text: asyncio.run(litellm.anthropic.messages.acreate(messages=asked(text), **claude)),
        lambda text: asyncio.run(message_pieces(text)),
        lambda text: litellm.embedding(input=[text], **{**base, "model": "openai/text-embedding-3-small", "dimensions": 4}),
        lambda text: asyncio.run(litellm.acompletion(messages=asked(text), **chat)),
    ]


def outcome(call: Callable[[str], Any], text: str) -> tuple[str, str]:
    """What a caller gets, without what differs from call to call: the result, or the exception."""
    try:
        return "ok", _OF_ONE_CALL.sub("", repr(call(text)))
    except Exception as error:
        return type(error).__name__, _OF_ONE_CALL.sub("", str(error))[:200]


def says_that_it_failed(result: str) -> bool:
    """Whether a result of no exception tells a failure itself: an event of Anthropic's, or a response with that status."""
    return "event: error" in result or '"type": "error"' in result or "status='failed'" in result


@pytest.fixture
def recorded(store: str) -> Iterator[tuple[Recorded, Recorder]]:
    found = Recorded()
    yield found, Recorder(found)
    assert found.said == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_damaged_reply_is_one_span_and_the_users_result_is_the_same(
    recorded: tuple[Recorded, Recorder], server: demo.DemoServer, batch: int
) -> None:
    import mlflow

    found, recorder = recorded
    calls = kinds(server)
    seeds = range(batch * MUTATIONS // BATCHES, (batch + 1) * MUTATIONS // BATCHES)
    texts = [f"hello cached:2 reasoning:3 cite:1 mutate:{seed}" for seed in seeds]
    without = [outcome(calls[seed % len(calls)], text) for seed, text in zip(seeds, texts, strict=True)]
    wrong: list[str] = []
    spans: dict[str, str] = {}
    recorder.start()
    try:
        for seed, text, before in zip(seeds, texts, without, strict=True):
            found.changes.clear()
            kind, result = outcome(calls[seed % len(calls)], text)
            if (kind, result) != before:
                wrong.append(f"{seed}: {before[0]} {before[1][:150]} became {kind} {result[:150]}")
            began = [change for change in found.changes if isinstance(change, Began)]
            ended = [change.read() for change in found.changes if isinstance(change, Ended)]
            if (len(began), len(ended)) != (1, 1):
                wrong.append(f"{seed}: {len(began)} spans began, {len(ended)} ended; the user got {kind} {result[:150]}")
                continue
            (span,) = ended
            failed = kind != "ok" or says_that_it_failed(result)
            if (span.status == "error") is not failed:
                wrong.append(f"{seed}: {span.status} {span.message!r}, and the user got {kind} {result[-300:]}")
            json.dumps([span.inputs, span.outputs, span.attributes])
            for count in (span.tokens.input, span.tokens.output) if span.tokens else ():
                assert count is None or (isinstance(count, int) and count >= 0)
            spans[span.trace_id] = span.status
        left = recorder.flush(lambda waiting: None)
    finally:
        recorder.stop()
    assert wrong == []
    assert left.settled
    stored = {trace.info.trace_id: trace for trace in mlflow.search_traces(return_type="list", max_results=MUTATIONS)}
    assert {trace_id: len(stored[trace_id].data.spans) for trace_id in spans if trace_id in stored} == dict.fromkeys(spans, 1)
