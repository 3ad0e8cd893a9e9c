"""Something bad lies among the spools of a real process: its calls go on, and a real store gets all that can be stored."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from processes import Traced, spooled, stored
from spool_faults import ODD_BODIES, bad_files, bad_locks, bad_path, left_behind, lock_of, posix

from ipy_llmtrace.recorder.delivery.spool_record import Record, as_line

TWO_FLUSHES = """
recorder = begin()
ids = calls(3)
flush(recorder)
ids += calls(3)
flush(recorder)
tell(everything_said=said, ids=ids)
"""

KILLED = "recorder = begin()\ntell(ids=calls(2))\nwait_until_written(2)\ntell(written=2)\nwait_for_line()"


def store_at(directory: Path) -> str:
    return f"sqlite:///{directory / 'mlflow.db'}"


def traced(code: str, directory: Path) -> Traced:
    return Traced(code, directory, MLFLOW_TRACKING_URI=store_at(directory))


@bad_files
@pytest.mark.slow
def test_a_file_that_is_not_ours(tmp_path: Path, make: Callable[[Path], None], reason: str) -> None:
    path = bad_path(tmp_path / "spool", store_at(tmp_path))
    make(path)
    with traced(TWO_FLUSHES, tmp_path) as process:
        assert process.told("lines") == []
        assert process.told("lines") == []
        (line,) = process.told("everything_said")
        process.end()
    assert line.startswith(f"llmtrace: {path} {reason}, so it is set aside")
    ids = stored(tmp_path / "mlflow.db")
    assert (len(ids), set(ids.values())) == (6, {1})
    assert os.path.lexists(path)


@bad_locks
@pytest.mark.slow
def test_a_lock_that_is_not_ours(tmp_path: Path, make: Callable[[Path], None], reason: str) -> None:
    path = left_behind(tmp_path / "spool", store_at(tmp_path), [Record("span", "tr-1", b"{}")])
    lock_of(path).unlink()
    make(lock_of(path))
    with traced(TWO_FLUSHES, tmp_path) as process:
        assert process.told("lines") == []
        assert process.told("lines") == []
        (line,) = process.told("everything_said")
        process.end()
    assert line.startswith(f"llmtrace: {lock_of(path)} {reason}, so it is set aside")
    ids = stored(tmp_path / "mlflow.db")
    assert (len(ids), set(ids.values())) == (6, {1})
    assert path.exists()


def test_records_that_no_kernel_has_written(tmp_path: Path) -> None:
    with traced(KILLED, tmp_path) as process:
        ids = process.told("ids")
        process.told("written")
        process.process.kill()
    (path,) = spooled(tmp_path)
    with path.open("ab") as file:
        for body in ODD_BODIES.values():
            file.write(as_line("done", "-", body) + as_line("span", "tr-odd", body) + as_line("feedback", "tr-odd", body))
    damaged = 3 * len(ODD_BODIES)

    with traced("recorder = begin()\nids = calls(1)\nflush(recorder)\ntell(ids=ids)", tmp_path) as process:
        assert process.told("lines") == [f"left out: {damaged} damaged records of an earlier kernel"]
        ids += process.told("ids")
        process.end()
    found = stored(tmp_path / "mlflow.db")
    assert {trace_id: found.get(trace_id) for trace_id in ids} == dict.fromkeys(ids, 1)
    assert spooled(tmp_path) == []


@posix
def test_a_spool_directory_that_is_removed_while_a_kernel_runs(tmp_path: Path) -> None:
    code = """
import shutil
recorder = begin()
ids = calls(2)
recorder.flush(lambda left: None)
shutil.rmtree("spool")
ids += calls(2)
flush(recorder)
tell(ids=ids)
"""
    with traced(code, tmp_path) as process:
        assert process.told("lines") == []
        ids = process.told("ids")
        process.end()
    assert stored(tmp_path / "mlflow.db") == dict.fromkeys(ids, 1)
