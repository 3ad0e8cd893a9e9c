"""The thread of a store survives whatever happens on it, and says why nothing is stored."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ipy_llmtrace.recorder.delivery import taken_over
from ipy_llmtrace.recorder.delivery.delivery_thread import Delivery
from ipy_llmtrace.recorder.delivery.mlflow_store import Refused
from ipy_llmtrace.recorder.delivery.retries import Retries
from ipy_llmtrace.recorder.delivery.spool import Spool
from ipy_llmtrace.recorder.delivery.spool_directory import SpoolDirectory
from ipy_llmtrace.recorder.delivery.spool_record import Record

STORE = "sqlite:////data/mlflow.db"


class Shelf:
    """A store in memory.

    Parameters
    ----------
    before
        Called with the records before they are kept.
    """

    place = "the shelf"
    whole_traces_only = False

    def __init__(self, before: Callable[[Sequence[dict[str, Any]]], None] = lambda records: None) -> None:
        self.turn = threading.Lock()
        self.before = before
        self.kept: list[Any] = []

    def check(self) -> None:
        pass

    def put(self, records: Sequence[dict[str, Any]]) -> None:
        self.before(records)
        self.kept += [record["n"] for record in records]


Make = Callable[..., Delivery]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Delivery] = []

    def delivery(store: Shelf, changed: Callable[[], None] = lambda: None) -> Delivery:
        spools = SpoolDirectory(tmp_path)
        spool = Spool.create(tmp_path, STORE, "family")
        made.append(Delivery(store, spool, "family", lambda: spools.take_over(STORE), changed))
        return made[-1]

    yield delivery
    for one in made:
        one.finish()
        one.wait(lambda left: None, 10)


def span(number: int) -> Record:
    return Record("span", f"tr-{number}", b'{"n":%d}' % number)


def flush(delivery: Delivery) -> list[str]:
    delivery.flush(lambda left: None, 30)
    return delivery.status().lines()


@pytest.mark.parametrize("failure", [TypeError("odd"), SystemExit(3), KeyboardInterrupt(), RecursionError("deep")])
def test_a_failure_that_nothing_foresees_is_told_and_tried_again(make: Make, failure: BaseException) -> None:
    failures = iter([failure, failure, failure])

    def fail(_: Any) -> None:
        if (error := next(failures, None)) is not None:
            raise error

    store = Shelf(fail)
    delivery = make(store)
    delivery.append([span(1)])
    delivery.start()

    name = type(failure).__name__
    (line,) = flush(delivery)
    assert line.startswith(f"not stored: 1 trace, because llmtrace itself failed ({name}: {failure}); kept")
    assert flush(delivery) == []
    assert store.kept == [1]


def test_who_is_told_may_fail(make: Make) -> None:
    def changed() -> None:
        raise RuntimeError("the page is gone")

    failures = iter([OSError("once")])

    def fail(_: Any) -> None:
        if (error := next(failures, None)) is not None:
            raise error

    store = Shelf(fail)
    delivery = make(store, changed)
    delivery.append([span(1)])
    delivery.start()
    assert flush(delivery) == []
    assert store.kept == [1]


@pytest.mark.skipif(not hasattr(threading, "stack_size"), reason="the size of a stack cannot be set")
def test_a_system_that_has_no_more_threads_keeps_the_traces_until_it_has(make: Make) -> None:
    store = Shelf()
    delivery = make(store)
    delivery.append([span(1)])
    before = threading.stack_size()
    threading.stack_size(1 << 46)  # more than there can be
    try:
        delivery.start()
        (line,) = flush(delivery)
    finally:
        threading.stack_size(before)
    assert line.startswith("not stored: 1 trace, because no thread can be started to store them (can't start new thread)")

    assert flush(delivery) == []
    assert store.kept == [1]


def test_more_spools_than_may_be_open_are_all_delivered(make: Make, tmp_path: Path) -> None:
    number = 2 * taken_over.MAX_OPEN + 3
    for n in range(number):
        spool = Spool.create(tmp_path, STORE, "earlier")
        spool.append([span(n)])
        spool.leave()

    store = Shelf()
    delivery = make(store)
    delivery.start()
    assert flush(delivery) == []
    assert sorted(store.kept) == list(range(number))
    delivery.finish()
    delivery.wait(lambda left: None, 10)
    assert len(list(tmp_path.glob("*.jsonl"))) == 0


def test_spools_of_which_the_store_refuses_everything_keep_no_thread_busy(make: Make, tmp_path: Path) -> None:
    for n in range(taken_over.MAX_OPEN + 3):
        spool = Spool.create(tmp_path, STORE, "earlier")
        spool.append([span(n)])
        spool.leave()
    asked: list[int] = []

    def refuse(records: Sequence[dict[str, Any]]) -> None:
        asked.extend(record["n"] for record in records)
        raise Refused("it is full")

    delivery = make(Shelf(refuse))
    delivery.start()
    (line, *_) = flush(delivery)
    assert line == f"not stored: {taken_over.MAX_OPEN} traces, because the store refuses: it is full"
    assert len(asked) == taken_over.MAX_OPEN


def test_a_store_is_given_up_after_three_failures_and_works_again() -> None:
    retries = Retries()
    assert [retries.failed("away") for _ in range(2)] == [(1.0, True), (2.0, False)]
    assert not retries.given_up
    retries.failed("away")
    assert retries.given_up
    assert retries.worked()
    assert (retries.reason, retries.given_up, retries.worked()) == (None, False, False)
