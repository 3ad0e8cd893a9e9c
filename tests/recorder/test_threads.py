"""What a thread takes along from the code that starts it."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

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
    found = ThreadCarrier(lambda: within(cell.get()) if cell.get() != "none" else None)
    found.install()
    yield found
    found.remove()


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


def test_what_a_task_raises_is_raised(carrier: ThreadCarrier) -> None:
    with within("3"), ThreadPoolExecutor(1) as pool, pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 // 0).result()


def test_removed_carries_nothing_even_under_somebody_elses_patch() -> None:
    original = threading.Thread.start
    carrier = ThreadCarrier(lambda: within("carried"))
    carrier.install()
    ours = threading.Thread.start
    try:
        threading.Thread.start = lambda thread: ours(thread)
        carrier.remove()
        assert in_thread() == ("none", "none")
    finally:
        threading.Thread.start = original
