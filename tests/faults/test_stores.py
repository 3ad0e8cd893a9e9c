"""The store fails: no call of the user fails or waits for it, and what was kept is stored when it works again."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from processes import Traced, answering, silent_port, spooled, stored
from servers import free_port, tracking_server

from ipy_llmtrace.recorder.delivery import sqlite_creation

pytestmark = pytest.mark.processes

# MLflow's own calls would wait and retry for minutes, far beyond the time a test has: that these end is what is tested.
TEN_CALLS = "recorder = begin()\nids = calls(10)\ntell(ids=ids)\nflush(recorder)\n"


@pytest.mark.parametrize("experiment", ["", pytest.param("experiment='of a dead server'", marks=pytest.mark.slow)])
def test_a_server_that_refuses_holds_up_nothing_and_the_next_process_stores_what_was_kept(
    tmp_path: Path, experiment: str
) -> None:
    uri = f"http://127.0.0.1:{free_port()}"
    code = TEN_CALLS.replace("begin()", f"begin({experiment})")
    with Traced(code, tmp_path, MLFLOW_TRACKING_URI=uri) as process:
        assert len(process.told("ids")) == 10
        assert process.told("lines") == [
            f"not stored: 10 traces, because {uri} refuses connections (is the server running, and is this its port?); kept, "
            "and stored when it works again"
        ]
        process.end()
    assert len(spooled(tmp_path)) == 1


def test_a_server_that_accepts_and_stays_silent_holds_up_nothing(tmp_path: Path) -> None:
    with silent_port() as port, Traced(TEN_CALLS, tmp_path, MLFLOW_TRACKING_URI=f"http://127.0.0.1:{port}") as process:
        assert len(process.told("ids")) == 10
        (line,) = process.told("lines")
        assert line.startswith(f"not stored: 10 traces, because http://127.0.0.1:{port} does not answer (")
        process.end()


def test_a_server_that_answers_500_holds_up_nothing(tmp_path: Path) -> None:
    with (
        answering(500) as (port, answers),
        Traced(TEN_CALLS, tmp_path, MLFLOW_TRACKING_URI=f"http://127.0.0.1:{port}") as process,
    ):
        assert len(process.told("ids")) == 10
        (line,) = process.told("lines")
        assert line.startswith(f"not stored: 10 traces, because http://127.0.0.1:{port} answers 500 (its log says why);")
        process.end()
        assert set(answers.requests) == {"/health"}


@pytest.mark.slow
def test_a_server_that_is_none_of_mlflows_holds_up_nothing(tmp_path: Path) -> None:
    with answering(404) as (port, _), Traced(TEN_CALLS, tmp_path, MLFLOW_TRACKING_URI=f"http://127.0.0.1:{port}") as process:
        assert len(process.told("ids")) == 10
        (line,) = process.told("lines")
        assert line.startswith(f"not stored: 10 traces, because http://127.0.0.1:{port} is no MLflow tracking server (")
        process.end()
    assert len(spooled(tmp_path)) == 1


@pytest.mark.slow
def test_a_server_that_is_killed_and_started_again_gets_everything_once(tmp_path: Path) -> None:
    port = free_port()
    code = """
recorder = begin(experiment="across an outage")
def until(condition):
    while not condition(recorder.delivery_status()): pass
ids = calls(5)
while recorder.flush(lambda left: None).waiting: pass
tell(stored=5)
wait_for_line()
ids += calls(5)
until(lambda status: status.reason)
tell(lines=recorder.delivery_status().lines())
until(lambda status: not status.waiting)
tell(ids=ids)
"""
    with (
        tracking_server(tmp_path, port=port) as server,
        Traced(code, tmp_path, MLFLOW_TRACKING_URI=f"http://127.0.0.1:{port}") as process,
    ):
        process.told("stored")
        server.kill()
        process.go_on()
        assert process.told("lines")[0].startswith(f"not stored: 5 traces, because {server.uri} refuses connections (")
        with tracking_server(tmp_path, port=port):
            ids = process.told("ids")
            process.end()
    assert stored(tmp_path / "server.db") == dict.fromkeys(ids, 1)


@pytest.mark.slow
def test_a_database_that_another_process_has_locked_holds_up_nothing_and_gets_everything_when_it_is_free(
    tmp_path: Path,
) -> None:
    code = """
recorder = begin()
ids = calls(5)
flush(recorder)
wait_for_line()
ids += calls(5)
tell(ids=ids)
while "locked" not in (recorder.delivery_status().reason or ""): pass
tell(lines=recorder.delivery_status().lines())
while recorder.delivery_status().waiting: pass
tell(left=0)
"""
    with Traced(code, tmp_path) as process:
        assert process.told("left") == 0
        with contextlib.closing(sqlite3.connect(tmp_path / "mlflow.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            process.go_on()
            ids = process.told("ids")
            (line,) = process.told("lines")
            assert line.endswith(
                "mlflow.db is locked by another process (database is locked); kept, and stored when it works again"
            )
            other.execute("ROLLBACK")
        assert process.told("left") == 0
        process.end()
    assert stored(tmp_path / "mlflow.db") == dict.fromkeys(ids, 1)


def test_a_user_who_asks_a_new_store_while_it_is_made_gets_his_answer(tmp_path: Path) -> None:
    code = """
import glob
recorder = begin()
ids = calls(1)
while not glob.glob(".mlflow.db-new-*"): pass
import mlflow
mlflow.set_experiment("asked meanwhile")
ids += calls(1)
tell(ids=ids)
flush(recorder)
"""
    with Traced(code, tmp_path) as process:
        ids = process.told("ids")
        assert process.told("lines") == []
        process.process.communicate()
        assert process.process.returncode == 0
    assert stored(tmp_path / "mlflow.db") == dict.fromkeys(ids, 1)
    assert list(tmp_path.glob(".mlflow.db-new-*")) == []


def test_what_a_dead_process_left_half_made_goes_at_once_and_what_a_living_one_makes_stays(
    uses_libraries: None, tmp_path: Path
) -> None:
    holds = "import sys, filelock\nlock = filelock.FileLock(sys.argv[1] + '.lock')\nlock.acquire()\nopen(sys.argv[1], 'w')\n"
    started: list[subprocess.Popen[bytes]] = []
    for name in ("aaaaaaaa", "bbbbbbbb"):
        command = [
            sys.executable,
            "-c",
            holds + "print(flush=True)\nsys.stdin.read()",
            str(tmp_path / f".mlflow.db-new-{name}"),
        ]
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        assert started[-1].stdout is not None
        started[-1].stdout.readline()
    dead, living = started
    with living, dead:
        dead.kill()
        dead.wait()
        (tmp_path / ".mlflow.db-new-aaaaaaaa-journal").touch()
        with sqlite_creation.made(f"sqlite:///{tmp_path / 'mlflow.db'}"):
            pass
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            ".mlflow.db-new-bbbbbbbb",
            ".mlflow.db-new-bbbbbbbb.lock",
            "mlflow.db",
        ]
        living.kill()


def test_a_database_that_cannot_be_written_holds_up_nothing_and_the_trace_is_kept(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'read-only' / 'mlflow.db'}"
    # A path below a file is none that anybody could write, root included.
    (tmp_path / "read-only").write_text("a file")
    with Traced(TEN_CALLS, tmp_path, MLFLOW_TRACKING_URI=uri) as process:
        assert len(process.told("ids")) == 10
        (line,) = process.told("lines")
        assert line.startswith("not stored: 10 traces, because ")
        process.end()
    assert len(spooled(tmp_path)) == 1


def test_a_spool_that_cannot_be_written_leaves_memory_and_the_store_gets_everything(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file in the way")
    with Traced(TEN_CALLS, tmp_path) as process:
        ids = process.told("ids")
        assert process.told("lines") == []
        process.end()
    assert stored(tmp_path / "mlflow.db") == dict.fromkeys(ids, 1)


def test_what_neither_disk_nor_store_takes_is_said_to_be_in_memory_only(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file in the way")
    with Traced(TEN_CALLS, tmp_path, MLFLOW_TRACKING_URI=f"http://127.0.0.1:{free_port()}") as process:
        assert len(process.told("ids")) == 10
        waits, why = process.told("lines")
        assert "kept in memory" in waits
        assert why.startswith("the spool cannot be written (")
        assert why.endswith("): a restart would lose what is not stored")


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None, reason="only root can mount a small disk"
)
def test_a_disk_that_fills_up_holds_up_nothing_and_loses_nothing_while_memory_lasts(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let root mount")
    try:
        (disk / "ballast").write_bytes(b"x" * 1_000_000)
        code = """
recorder = begin()
ids = calls(40, size=100_000)
tell(ids=ids)
flush(recorder)
wait_for_line()
flush(recorder)
"""
        small = {"MLFLOW_TRACKING_URI": f"sqlite:///{disk / 'mlflow.db'}", "LLMTRACE_SPOOL": str(disk / "spool")}
        with Traced(code, tmp_path, **small) as process:
            ids = process.told("ids")
            lines = process.told("lines")
            assert lines[0].startswith("not stored: ")
            assert "database or disk is full" in lines[0] or "disk I/O error" in lines[0]
            (disk / "ballast").unlink()
            subprocess.run(["mount", "-o", "remount,size=60m", disk], check=True)
            process.go_on()
            assert process.told("left") == 0
            process.end()
        assert stored(disk / "mlflow.db") == dict.fromkeys(ids, 1)
    finally:
        subprocess.run(["umount", disk], check=False)
