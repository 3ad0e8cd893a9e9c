"""What a thread takes along from the code that starts it."""

from __future__ import annotations

import contextvars
import gc
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from ipy_llmtrace.guard import Guard
from ipy_llmtrace.recorder.threads import ThreadCarrier

cell: contextvars.ContextVar[str] = contextvars.ContextVar("cell", default="none")
other: contextvars.ContextVar[str] = contextvars.ContextVar("other", default="none")


@contextmanager
def within(name: str) -> Iterator[None]:
    token = cell.set(name)
    try:
        yield
    finally:
        cell.reset(token)


@pytest.fixture
def carrier() -> Iterator[ThreadCarrier]:
    said: list[str] = []
    found = ThreadCarrier(lambda: within(cell.get()) if cell.get() != "none" else None, Guard(said.append))
    found.install()
    yield found
    found.remove()
    assert said == []


def in_thread() -> tuple[str, str]:
    seen: list[tuple[str, str]] = []
    thread = threading.Thread(target=lambda: seen.append((cell.get(), other.get())))
    thread.start()
    thread.join()
    return seen[0]


def test_a_thread_takes_the_cell_along_and_nothing_else(carrier: ThreadCarrier) -> None:
    other.set("kept here")
    with within("3"):
        assert in_thread() == ("3", "none")


def test_each_task_of_a_pool_has_the_cell_that_submitted_it(carrier: ThreadCarrier) -> None:
    with ThreadPoolExecutor(1) as pool:
        seen: list[str] = []
        for name in ("3", "4"):
            with within(name):
                seen.append(pool.submit(cell.get).result())
    assert seen == ["3", "4"]


def test_a_subclass_with_its_own_run_is_carried_too(carrier: ThreadCarrier) -> None:
    seen: list[str] = []

    class Mine(threading.Thread):
        def run(self) -> None:
            seen.append(cell.get())

    with within("3"):
        thread = Mine()
        thread.start()
        thread.join()
    assert seen == ["3"]


class Computed(threading.Thread):
    """Its ``run`` is computed, and cannot be set."""

    seen: list[str]

    @property
    def run(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        return lambda: self.seen.append(cell.get())


class Protected(threading.Thread):
    """It takes no attribute of another's."""

    seen: list[str]

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and name != "seen":
            raise AttributeError(f"{name} is not yours to set")
        super().__setattr__(name, value)

    def run(self) -> None:
        self.seen.append(cell.get())


@pytest.mark.parametrize("kind", [Computed, Protected])
def test_a_subclass_that_computes_or_protects_run_starts_and_is_carried(
    carrier: ThreadCarrier, kind: type[Computed | Protected]
) -> None:
    with within("3"):
        thread = kind()
        thread.seen = []
        thread.start()
        thread.join()
    assert thread.seen == ["3"]


def test_a_thread_object_is_as_it_was_and_freed_when_it_has_ended(carrier: ThreadCarrier) -> None:
    with within("3"):
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
    assert "run" not in vars(thread)
    kept = weakref.ref(thread)
    gc.disable()
    try:
        del thread
        assert kept() is None
    finally:
        gc.enable()


@contextmanager
def failing(where: str) -> Iterator[None]:
    if where == "entering":
        raise RuntimeError("broken on purpose")
    yield
    raise RuntimeError("broken on purpose")


@pytest.mark.parametrize("where", ["entering", "leaving"])
def test_what_cannot_be_carried_is_said_and_the_code_runs(where: str) -> None:
    said: list[str] = []
    carrier = ThreadCarrier(lambda: failing(where), Guard(said.append))
    carrier.install()
    try:
        assert in_thread() == ("none", "none")
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(lambda: 1).result() == 1
            with pytest.raises(ZeroDivisionError):
                pool.submit(lambda: 1 // 0).result()
    finally:
        carrier.remove()
    assert ["%llmtrace off" in line for line in said] == [True]


def test_a_thread_that_cannot_start_raises_and_leaves_nothing(carrier: ThreadCarrier) -> None:
    with within("3"):
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        with pytest.raises(RuntimeError, match="once"):
            thread.start()
    assert in_thread() == ("none", "none")


def test_what_a_task_raises_is_raised(carrier: ThreadCarrier) -> None:
    with within("3"), ThreadPoolExecutor(1) as pool, pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 // 0).result()


def test_removed_carries_nothing_even_under_somebody_elses_patch() -> None:
    original = threading.Thread.start
    carrier = ThreadCarrier(lambda: within("carried"), Guard(print))
    carrier.install()
    ours = threading.Thread.start
    try:
        threading.Thread.start = lambda thread: ours(thread)
        carrier.remove()
        assert in_thread() == ("none", "none")
    finally:
        threading.Thread.start = original
