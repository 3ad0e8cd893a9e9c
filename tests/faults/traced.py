"""For the processes of these tests: traces calls as a notebook's cells do, and says in lines of JSON what happened."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ipy_llmtrace.recorder import Listener, Recorder


def tell(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


said: list[str] = []


class _Told(Listener):
    def say(self, line: str) -> None:
        said.append(line)
        tell(said=line)


def begin(**options: Any) -> Recorder:
    """Recording, with mlflow imported after it, as in a notebook."""
    recorder = Recorder(_Told())
    recorder.start(**options)
    import mlflow  # noqa: F401

    return recorder


def calls(number: int, *, size: int = 100, children: int = 0) -> list[str]:
    """The trace ids of ``number`` traces, each of a root and ``children``."""
    import mlflow

    ids: list[str] = []
    for index in range(number):
        with mlflow.start_span(f"call {index}") as span:
            span.set_inputs({"question": "q" * size, "index": index})
            for child in range(children):
                with mlflow.start_span(f"child {child}") as inner:
                    inner.set_inputs({"child": child})
            span.set_outputs({"answer": index})
            ids.append(span.trace_id)
    return ids


def flush(recorder: Recorder) -> None:
    left = recorder.flush(lambda left: None)
    tell(left=left.waiting, lines=left.lines())


def wait_for_line() -> None:
    """Until the test writes one."""
    sys.stdin.readline()


def wait_until_written(number: int) -> None:
    """Until so many traces are in the spool, which none of them may leave yet."""
    while sum(path.read_bytes().count(b" trace tr-") for path in Path("spool").glob("*.jsonl")) < number:
        pass
