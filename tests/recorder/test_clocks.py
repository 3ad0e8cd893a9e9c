"""Code under test often replaces the clocks: the calls that it makes are as without the extension, and are traced."""

from __future__ import annotations

import ast
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from recording import Recorded

import ipy_llmtrace
from ipy_llmtrace import demo
from ipy_llmtrace.recorder import Ended, Recorder

HELLO = [{"role": "user", "content": "hello"}]


@pytest.fixture
def recording(store: str) -> Iterator[Recorded]:
    found = Recorded()
    recorder = Recorder(found)
    recorder.start()
    yield found
    recorder.stop()
    assert found.said == []


def _called(**call: Any) -> str:
    import litellm

    return litellm.completion(messages=HELLO, **call).choices[0].message.content


def _streamed(**call: Any) -> str:
    import litellm

    return "".join(piece.choices[0].delta.content or "" for piece in litellm.completion(messages=HELLO, stream=True, **call))


def _failed(**call: Any) -> str:
    import litellm

    with pytest.raises(litellm.InternalServerError) as caught:
        litellm.completion(messages=HELLO, max_retries=0, **{**call, "model": "openai/fail:500"})
    return type(caught.value).__name__


@pytest.mark.parametrize("make", [_called, _streamed, _failed])
def test_a_clock_that_raises_changes_neither_the_call_nor_its_span(
    make: Callable[..., str], recording: Recorded, server: demo.DemoServer, monkeypatch: pytest.MonkeyPatch
):
    call = {"model": server.model, "api_base": server.url, "api_key": "demo"}
    expected = make(**call)

    def broken() -> int:
        raise RuntimeError("a test has replaced the clock")

    monkeypatch.setattr(time, "time_ns", broken)
    found = make(**call)
    monkeypatch.undo()
    assert found == expected
    before, after = (change.read() for change in recording.changes if isinstance(change, Ended))
    assert (after.status, after.message, after.outputs is None) == (before.status, before.message, before.outputs is None)
    assert after.end_ns
    assert after.end_ns >= after.start_ns >= (before.end_ns or 0)


def test_the_package_binds_the_clocks_when_it_is_imported():
    clocks = {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"}
    found = [
        f"{path}:{node.lineno}"
        for path in Path(ipy_llmtrace.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if (node.value.id, node.attr) in {("time", clock) for clock in clocks}
        and path.parent.name != "demo"
        and path.name != "clock.py"
    ]
    assert found == [], "write `from time import ...`: code under test may replace the attributes of `time`"


def test_the_monotonic_clock_is_out_of_reach_of_code_that_replaces_it_by_its_identity():
    """As freezegun does; a deadline by its clock, set before or after, would come too late by years."""
    modules = [module for name, module in sys.modules.items() if name.startswith("ipy_llmtrace")]
    found = [(module.__name__, name) for module in modules for name, value in vars(module).items() if value is time.monotonic]
    assert found == []
