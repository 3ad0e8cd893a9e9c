"""A process of tests/bench/store.py: traces a load, flushes, and says in lines of JSON how long each took.

    python store_child.py SETUP LOAD NUMBER

``SETUP`` is ``bare`` (LiteLLM without MLflow), ``mlflow`` (its defaults) or ``ours``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

setup, load, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
recorder: Any = None


def tell(**facts: float) -> None:
    print(json.dumps(facts), flush=True)


def timed(spent: list[float], function: Callable[..., Any], clock: Callable[[], float]) -> Callable[..., Any]:
    def call(*args: Any) -> Any:
        began = clock()
        try:
            return function(*args)
        finally:
            spent.append(clock() - began)

    return call


if setup == "ours":
    from ipy_llmtrace.recorder import Listener, Recorder
    from ipy_llmtrace.recorder.delivery import ended_spans, outbox, spool

    recorder = Recorder(Listener())
    recorder.start()
    puts: list[float] = []
    made: list[float] = []
    appends: list[float] = []
    outbox.Outbox.put = timed(puts, outbox.Outbox.put, time.perf_counter)
    outbox.record = timed(made, ended_spans.record, time.thread_time)
    spool.Spool.append = timed(appends, spool.Spool.append, time.thread_time)
if setup != "bare":
    import mlflow
if load in ("calls", "gather"):
    import litellm

    if setup != "bare":
        mlflow.litellm.autolog()
    call = {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "hello"}],
        "mock_response": "hello " * 20,
    }


def run(times: int) -> list[float]:
    """The seconds that each call took."""
    spent: list[float] = []
    if load == "calls":
        complete = timed(spent, lambda: litellm.completion(**call), time.perf_counter)
        for _ in range(times):
            complete()
    elif load == "gather":

        async def at_once() -> None:
            await asyncio.gather(*(litellm.acompletion(**call) for _ in range(times)))

        began = time.perf_counter()
        asyncio.run(at_once())
        spent += [(time.perf_counter() - began) / times] * times
    elif load == "traces":

        def step() -> None:
            with mlflow.start_span("call") as span:
                span.set_inputs({"index": 1})

        step = timed(spent, step, time.perf_counter)
        for _ in range(times):
            step()
    else:

        def step() -> None:
            with mlflow.start_span("step") as span:
                span.set_inputs({"index": 1})

        step = timed(spent, step, time.perf_counter)
        with mlflow.start_span("root"):
            for _ in range(times):
                step()
    return spent


def flush() -> None:
    if recorder is not None:
        recorder.flush(lambda left: None)
    if setup != "bare":
        mlflow.flush_trace_async_logging()


# MLflow makes a new database in the first call, we make it beside the next ones: here neither is counted as a call.
run(1)
if not os.environ.get("MLFLOW_TRACKING_URI"):
    flush()
spent = run(number)
tell(mean_ms=1e3 * sum(spent) / max(len(spent), 1), longest_ms=1e3 * max(spent, default=0.0))
began = time.perf_counter()
flush()
tell(flush_s=time.perf_counter() - began)
if recorder is not None:
    spans = max(len(puts), 1)
    tell(
        put_ms=1e3 * sum(puts) / spans,
        written_ms=1e3 * (sum(made) + sum(appends)) / spans,
    )
