"""One bad file among the spools: the others are delivered, it is told once, listed, and deleted on request."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from spool_faults import ODD_BODIES, as_nobody, bad_files, bad_locks, bad_path, left_behind, lock_of, needs_root, posix

from ipy_llmtrace.recorder.delivery.spool import Spool
from ipy_llmtrace.recorder.delivery.spool_directory import SpoolDirectory
from ipy_llmtrace.recorder.delivery.spool_record import Record, as_line

STORE = "sqlite:////data/mlflow.db"
GOOD = Record("span", "tr-good", b'{"n":1}')


@pytest.fixture
def spools(tmp_path: Path) -> SpoolDirectory:
    """A directory with one good spool."""
    (tmp_path / "elsewhere").write_text("of somebody else")
    left_behind(tmp_path / "spool", STORE, [GOOD])
    return SpoolDirectory(tmp_path / "spool")


def taken(spools: SpoolDirectory) -> list[str]:
    """The traces that can be delivered."""
    found = list(spools.take_over(STORE))
    traces = [trace for spool in found for trace in spool.waiting]
    for spool in found:
        spool.leave()
    return traces


@bad_files
def test_a_file_that_is_not_ours_is_not_opened(spools: SpoolDirectory, make: Callable[[Path], None], reason: str) -> None:
    path = bad_path(spools.path, STORE)
    make(path)

    assert taken(spools) == ["tr-good"]
    assert spools.remove_expired() == 0
    assert [str(found) for found in spools.set_aside()] == [f"{path} {reason}"]
    assert (spools.path.parent / "elsewhere").read_text() == "of somebody else"


@bad_files
def test_what_is_set_aside_is_deleted_on_request_and_nothing_else(
    spools: SpoolDirectory, make: Callable[[Path], None], reason: str
) -> None:
    path = bad_path(spools.path, STORE)
    make(path)

    assert spools.discard() == (1, [])
    assert not os.path.lexists(path)
    assert spools.set_aside() == []
    assert (spools.path.parent / "elsewhere").read_text() == "of somebody else"
    assert taken(spools) == ["tr-good"]


@bad_locks
def test_a_spool_waits_while_its_lock_is_bad_and_is_delivered_when_that_is_discarded(
    spools: SpoolDirectory, make: Callable[[Path], None], reason: str
) -> None:
    path = left_behind(spools.path, STORE, [Record("span", "tr-behind", b"{}")])
    lock = lock_of(path)
    lock.unlink()
    make(lock)

    assert taken(spools) == ["tr-good"]
    assert [str(found) for found in spools.set_aside()] == [f"{lock} {reason}"]
    assert spools.discard() == (1, [])
    assert sorted(taken(spools)) == ["tr-behind", "tr-good"]


@needs_root
def test_what_another_user_left_goes_with_its_lock(spools: SpoolDirectory) -> None:
    path = left_behind(spools.path, STORE, [GOOD])
    for owned in (path, lock_of(path)):
        os.chown(owned, 12345, 12345)

    assert [str(found) for found in spools.set_aside()] == [f"{path} belongs to user number 12345"]
    assert spools.discard() == (1, [])
    assert not path.exists()
    assert not lock_of(path).exists()


@posix
def test_a_file_that_may_not_be_read_is_set_aside(tmp_path: Path) -> None:
    directory = tmp_path / "spool"
    path = left_behind(directory, STORE, [GOOD])
    path.chmod(0)
    spools = SpoolDirectory(directory)

    for above in (tmp_path, *tmp_path.parents[:3]):  # to where pytest, also pytest-xdist, keeps its directories
        above.chmod(above.stat().st_mode | 0o011)
    with as_nobody(directory, path, lock_of(path)):
        assert taken(spools) == []
        assert [str(found) for found in spools.set_aside()] == [f"{path} cannot be read and written (permission denied)"]
        assert spools.discard() == (1, [])


@posix
def test_what_cannot_be_deleted_is_said_with_the_reason(tmp_path: Path) -> None:
    directory = tmp_path / "spool"
    path = bad_path(directory, STORE)
    path.symlink_to("nowhere")
    directory.chmod(0o555)
    spools = SpoolDirectory(directory)

    for above in (tmp_path, *tmp_path.parents[:3]):  # to where pytest, also pytest-xdist, keeps its directories
        above.chmod(above.stat().st_mode | 0o011)
    with as_nobody(directory):
        deleted, failures = spools.discard()
    directory.chmod(0o755)
    assert deleted == 0
    assert [str(failure) for failure in failures] == [f"{path} cannot be deleted (Permission denied)"]


def test_a_bad_file_is_told_once_with_its_path_and_what_to_do(spools: SpoolDirectory) -> None:
    path = bad_path(spools.path, STORE)
    path.mkdir()

    (line,) = spools.news()
    assert line.startswith(f"llmtrace: {path} is a directory, so it is set aside")
    assert "%llmtrace flush --discard" in line
    assert spools.news() == []

    for _ in range(1_500):
        bad_path(spools.path, STORE).mkdir(exist_ok=True)
    (line,) = spools.news()
    assert "more files there" in line
    assert spools.news() == []


@pytest.mark.parametrize("body", list(ODD_BODIES.values()), ids=list(ODD_BODIES))
def test_a_done_record_that_none_would_write_costs_itself_only(tmp_path: Path, body: bytes) -> None:
    path = left_behind(tmp_path, STORE, [GOOD])
    with path.open("ab") as file:
        file.write(as_line("done", "-", body))

    (spool,) = SpoolDirectory(tmp_path).take_over(STORE)
    assert list(spool.waiting) == ["tr-good"]
    assert spool.damaged == 1


@pytest.mark.parametrize("body", list(ODD_BODIES.values()), ids=list(ODD_BODIES))
@pytest.mark.parametrize("kind", ["span", "trace", "feedback", "other"])
def test_a_record_that_none_would_write_is_counted_and_left_out(tmp_path: Path, kind: str, body: bytes) -> None:
    path = left_behind(tmp_path, STORE, [GOOD])
    with path.open("ab") as file:
        file.write(as_line(kind, "tr-odd", body))

    (spool,) = SpoolDirectory(tmp_path).take_over(STORE)
    found = [content for _, entries in spool.traces() for _, content in spool.read(entries)]
    assert found == [{"n": 1}]
    assert spool.damaged == 1


@pytest.mark.parametrize("line", [b"12345678", b"00000000 \n", b"3610a686 a b\n", b"zz span tr-1 {}\n", b" \n"])
def test_a_line_in_no_form_costs_itself_only(tmp_path: Path, line: bytes) -> None:
    path = left_behind(tmp_path, STORE, [GOOD])
    path.write_bytes(line + b"\n" + path.read_bytes())

    (spool,) = SpoolDirectory(tmp_path).take_over(STORE)
    assert list(spool.waiting) == ["tr-good"]


def test_a_lock_that_a_killed_process_left_without_a_spool_is_removed(tmp_path: Path) -> None:
    living = Spool.create(tmp_path, STORE)
    path = left_behind(tmp_path, STORE, [GOOD])
    path.unlink()
    assert lock_of(path).exists()

    SpoolDirectory(tmp_path).remove_expired()
    assert not lock_of(path).exists()
    assert living.path is not None
    assert lock_of(living.path).exists()


def test_what_was_half_written_a_day_ago_is_removed(tmp_path: Path) -> None:
    old, new = tmp_path / ".llmtrace-0011223344556677.tmp", tmp_path / ".llmtrace-8899aabbccddeeff.tmp"
    for path in (old, new):
        path.touch()
    os.utime(old, (time.time() - 90_000,) * 2)

    SpoolDirectory(tmp_path).remove_expired()
    assert (old.exists(), new.exists()) == (False, True)


@posix
def test_a_spool_that_is_deleted_while_it_is_used_is_written_again(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path / "cache" / "spool", STORE)
    spool.append([GOOD])
    assert spool.path is not None
    spool.path.unlink()
    lock_of(spool.path).unlink()
    spool.path.parent.rmdir()

    assert spool.append([Record("span", "tr-next", b"{}")])
    assert b"tr-good" in spool.path.read_bytes()
    assert b"tr-next" in spool.path.read_bytes()
    spool.leave()
    assert sorted(taken(SpoolDirectory(spool.path.parent))) == ["tr-good", "tr-next"]
