"""A process forks, and its children trace: their spans reach the store as its own do, also while the children live."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from processes import Traced, spooled, stored

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")

CHILD = """
import os
recorder = begin()
calls(1)
recorder.flush(lambda left: None)
read, write = os.pipe()
if (child := os.fork()) == 0:
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    ids = calls({number})
    os.write(write, b".")
    {ends}
    os._exit(0)
os.read(read, 1)
"""


def child(number: int, ends: str = "os.read(0, 1)") -> str:
    """A process with a forked child that traces ``number`` calls and then lives on, until the test is over."""
    return CHILD.format(number=number, ends=ends)


REAP = "os.kill(child, 9); os.waitpid(child, 0)\n"
"""The child ends now."""


def test_a_flush_delivers_what_a_living_child_has_traced(tmp_path: Path) -> None:
    with Traced(child(25) + "flush(recorder)\n" + REAP, tmp_path) as process:
        assert process.told("lines") == []
        assert len(stored(tmp_path / "mlflow.db")) == 26
        process.end()
    assert spooled(tmp_path) == []


def test_what_a_living_child_has_traced_is_counted_before_it_is_stored(tmp_path: Path) -> None:
    code = """
import sqlite3
other = sqlite3.connect("mlflow.db", isolation_level=None)
other.execute("BEGIN EXCLUSIVE")
recorder.look()
tell(waiting=recorder.delivery_status().waiting, lines=recorder.delivery_status().lines())
other.execute("ROLLBACK")
flush(recorder)
"""
    with Traced(child(3) + code + REAP, tmp_path) as process:
        assert process.told("waiting") == 3
        assert process.told("left") == 0
        process.end()
    assert len(stored(tmp_path / "mlflow.db")) == 4


@pytest.mark.slow
def test_what_a_living_child_has_traced_is_stored_without_a_flush(tmp_path: Path) -> None:
    code = """
import sqlite3
reader = sqlite3.connect("file:mlflow.db?mode=ro", uri=True)
while reader.execute("SELECT count(*) FROM trace_info").fetchone() != (6,): pass
tell(stored=True)
"""
    with Traced(child(5) + code + REAP, tmp_path) as process:
        assert process.told("stored")
        process.end()


@pytest.mark.slow
def test_the_end_of_a_process_delivers_what_its_living_child_has_traced(tmp_path: Path) -> None:
    with Traced(child(4) + "tell(child=child)\n", tmp_path) as process:
        living = process.told("child")
        process.end()
        os.kill(living, signal.SIGKILL)
    assert len(stored(tmp_path / "mlflow.db")) == 5
    assert spooled(tmp_path) == []


def test_a_parent_that_traced_nothing_itself_delivers_too(tmp_path: Path) -> None:
    code = """
import os
recorder = begin()
if (child := os.fork()) == 0:
    calls(3)
    os._exit(0)
os.waitpid(child, 0)
flush(recorder)
"""
    with Traced(code, tmp_path) as process:
        assert process.told("left") == 0
        process.end()
    assert len(stored(tmp_path / "mlflow.db")) == 3


def test_a_flush_in_a_child_returns_at_once_and_its_parent_has_its_spans(tmp_path: Path) -> None:
    code = child(2, "import mlflow; mlflow.flush_trace_async_logging(); os.write(write, b'.')")
    with Traced(code + "os.read(read, 1)\nflush(recorder)\nos.waitpid(child, 0)\n", tmp_path) as process:
        assert process.told("left") == 0
        process.end()
    assert len(stored(tmp_path / "mlflow.db")) == 3


@pytest.mark.slow
def test_a_pool_of_forked_workers_that_lives_on(tmp_path: Path) -> None:
    code = """
import multiprocessing, warnings
warnings.simplefilter("ignore")
from concurrent.futures import ProcessPoolExecutor
recorder = begin()
ids = calls(5)
pool = ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("fork"))
for found in pool.map(calls, [50] * 8): ids += found
flush(recorder)
tell(ids=ids)
for found in pool.map(calls, [50] * 8): ids += found
flush(recorder)
tell(ids=ids)
pool.shutdown()
"""
    with Traced(code, tmp_path) as process:
        assert process.told("left") == 0
        ids = process.told("ids")
        assert stored(tmp_path / "mlflow.db") == dict.fromkeys(ids, 1)
        assert process.told("left") == 0
        ids = process.told("ids")
        assert len(set(ids)) == 805
        assert stored(tmp_path / "mlflow.db") == dict.fromkeys(ids, 1)
        process.end()
    assert spooled(tmp_path) == []


@pytest.mark.slow
def test_what_a_child_traced_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    with Traced(child(6) + "tell(child=child)\nwait_for_line()", tmp_path) as process:
        living = process.told("child")
        process.process.kill()
        process.process.wait()
        with Traced("recorder = begin()\nflush(recorder)", tmp_path) as later:
            assert later.told("left") == 0
            later.end()
        assert len(stored(tmp_path / "mlflow.db")) == 7
        os.kill(living, signal.SIGKILL)
