"""The durable queue: what comes out of it after whatever happened to the process and the file."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ipy_llmtrace.recorder.delivery import spool as spool_module
from ipy_llmtrace.recorder.delivery import spool_directory
from ipy_llmtrace.recorder.delivery.outbox import Outbox
from ipy_llmtrace.recorder.delivery.spool import Spool
from ipy_llmtrace.recorder.delivery.spool_directory import SpoolDirectory
from ipy_llmtrace.recorder.delivery.spool_record import Record

STORE = "sqlite:////data/mlflow.db"


def span(number: int, size: int = 10) -> Record:
    return Record("span", f"tr-{number}", b'{"n":%d,"pad":"%s"}' % (number, b"x" * size))


def waiting(spool: Spool) -> list[dict[str, Any]]:
    return [body for _, entries in spool.traces() for _, body in spool.read(entries)]


def bodies(*records: Record) -> list[dict[str, Any]]:
    return [json.loads(record.body) for record in records]


def left_behind(directory: Path, records: list[Record]) -> Path:
    """The file of a process that died after it had spooled ``records``."""
    spool = Spool.create(directory, STORE)
    spool.append(records)
    assert spool.path is not None
    path = spool.path
    spool.close()
    return path


def taken_over(directory: Path, store: str = STORE) -> list[Spool]:
    return list(SpoolDirectory(directory).take_over(store))


def test_what_a_process_left_is_taken_over_once_and_removed_when_it_is_stored(tmp_path: Path) -> None:
    path = left_behind(tmp_path, [span(1), span(2)])

    (spool,) = taken_over(tmp_path)
    assert waiting(spool) == bodies(span(1), span(2))
    assert taken_over(tmp_path) == []

    spool.done([entry for _, entries in spool.traces() for entry in entries])
    spool.close()
    assert list(tmp_path.iterdir()) == []
    assert not path.exists()


def test_what_was_stored_is_not_delivered_again_by_the_next_process(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path, STORE)
    spool.append([span(1), span(2), span(3)])
    spool.done(spool.waiting["tr-2"])
    spool.close()

    (later,) = taken_over(tmp_path)
    assert list(later.waiting) == ["tr-1", "tr-3"]
    later.done(later.waiting["tr-3"])
    later.close()
    (last,) = taken_over(tmp_path)
    assert list(last.waiting) == ["tr-1"]


def test_the_file_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from ipy_llmtrace.recorder.delivery.spool_record import Record
from ipy_llmtrace.recorder.delivery.spool import Spool
spool = Spool.create(Path({str(tmp_path)!r}), {STORE!r})
spool.append([Record("span", "tr-1", b"{{}}")])
print("spooled", flush=True)
sys.stdin.read()
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"spooled\n"
        assert taken_over(tmp_path) == []
        process.kill()

    (spool,) = taken_over(tmp_path)
    assert waiting(spool) == [{}]


def test_the_file_for_another_store_is_left_alone(tmp_path: Path) -> None:
    left_behind(tmp_path, [span(1)])

    assert taken_over(tmp_path, "http://another:5000") == []


def test_neither_the_name_nor_the_content_of_a_file_tells_the_address_of_the_store(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path, "https://user:secret@team:5000")
    spool.append([span(1)])

    assert spool.path is not None
    assert "team" not in spool.path.name
    assert b"secret" not in spool.path.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    directory = tmp_path / "cache" / "spool"
    old_mask = os.umask(0)
    try:
        left_behind(directory, [span(1)])
    finally:
        os.umask(old_mask)

    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}


def test_a_file_cut_anywhere_in_its_last_record_gives_all_others(tmp_path: Path) -> None:
    path = left_behind(tmp_path, [span(1), span(2)])
    whole = path.read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1

    for end in range(last, len(whole)):
        path.write_bytes(whole[:end])
        (spool,) = taken_over(tmp_path)
        assert list(spool.waiting) == ["tr-1"]
        assert spool.damaged == (end > last)
        spool.close()


def test_after_a_torn_record_new_ones_are_whole(tmp_path: Path) -> None:
    path = left_behind(tmp_path, [span(1), span(2)])
    path.write_bytes(path.read_bytes()[:-5])

    (spool,) = taken_over(tmp_path)
    spool.append([span(3)])
    spool.close()

    (later,) = taken_over(tmp_path)
    assert waiting(later) == bodies(span(1), span(3))


@pytest.mark.parametrize(
    "garbage", [b"\x00" * 40, b"\n\n\n", b"not a record", os.urandom(300)], ids=["zeros", "lines", "text", "any"]
)
def test_garbage_in_the_middle_costs_the_records_it_covers_only(tmp_path: Path, garbage: bytes) -> None:
    path = left_behind(tmp_path, [span(n, size=400) for n in range(5)])
    content = bytearray(path.read_bytes())
    start = content.index(b"tr-2") + 60
    content[start : start + len(garbage)] = garbage
    path.write_bytes(content)

    (spool,) = taken_over(tmp_path)
    assert list(spool.waiting) == ["tr-0", "tr-1", "tr-3", "tr-4"]
    assert spool.damaged >= 1


def test_a_record_damaged_after_it_was_found_is_counted_and_left_out(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path, STORE)
    spool.append([span(1), span(2)])
    assert spool.path is not None
    content = spool.path.read_bytes()
    spool.path.write_bytes(content.replace(b'"n":1', b'"n":7'))

    assert waiting(spool) == bodies(span(2))
    assert (list(spool.waiting), spool.damaged) == (["tr-2"], 1)


def test_a_file_that_grows_past_its_bound_says_so_and_memory_takes_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "MAX_FILE_BYTES", 2_000)
    monkeypatch.setattr(spool_module, "MAX_MEMORY_BYTES", 2_000)
    spool = Spool.create(tmp_path, STORE)
    for number in range(6):
        spool.append([span(number, size=900)])

    assert spool.path is not None
    assert spool.path.stat().st_size <= 2_000
    assert list(spool.waiting) == ["tr-0", "tr-1", "tr-2", "tr-3"]
    assert len(waiting(spool)) == 4
    assert spool.lost == 2
    assert spool.problem == "the spool has reached 0 MB"


def test_a_directory_that_cannot_be_written_leaves_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(OSError, match="file"):
        Spool.create(tmp_path / "file" / "spool", STORE)
    spool = Spool.in_memory("the spool cannot be written (no room)")
    spool.append([span(1)])
    assert waiting(spool) == bodies(span(1))
    assert spool.problem == "the spool cannot be written (no room)"
    spool.done(spool.waiting["tr-1"])
    spool.close()


def test_the_file_shrinks_as_records_are_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "_COMPACT_BYTES", 10_000)
    spool = Spool.create(tmp_path, STORE)
    spool.append([span(n, size=1_000) for n in range(100)])
    for number in range(90):
        spool.done(spool.waiting[f"tr-{number}"])

    assert spool.path is not None
    assert spool.path.stat().st_size < 40_000
    assert waiting(spool) == bodies(*(span(n, size=1_000) for n in range(90, 100)))
    spool.close()
    (later,) = taken_over(tmp_path)
    assert list(later.waiting) == [f"tr-{n}" for n in range(90, 100)]
    later.done([entry for _, entries in later.traces() for entry in entries])
    assert later.path is not None
    assert later.path.stat().st_size == 0


def test_what_is_too_old_or_too_much_is_removed_the_oldest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    month = spool_directory.MAX_AGE_S
    paths = [left_behind(tmp_path, [span(n, size=1_000)]) for n in range(4)]
    for age, path in zip((month + 60, 300, 200, 100), paths, strict=True):
        os.utime(path, (time.time() - age, time.time() - age))
    size = paths[0].stat().st_size
    monkeypatch.setattr(spool_directory, "MAX_ABANDONED_BYTES", 2 * size)

    assert SpoolDirectory(tmp_path).remove_expired() == 2 * size
    assert [path.exists() for path in paths] == [False, False, True, True]


def test_what_was_given_up_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = left_behind(tmp_path, [span(1, size=40_000)])
    old = time.time() - spool_directory.MAX_AGE_S - 60
    os.utime(path, (old, old))
    box = Outbox(SpoolDirectory(tmp_path), lambda: None, lambda where, error: None, lambda line: None)
    box.deliver_leftovers(STORE)

    while not (lines := box.status().lines()):
        pass
    assert lines == ["given up: 40 kB that earlier kernels had left (kept for 30 days, and 1 GB at most)"]
    assert box.status().settled
    assert not path.exists()


def test_the_file_of_a_living_process_does_not_expire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_directory, "MAX_ABANDONED_BYTES", 0)
    spool = Spool.create(tmp_path, STORE)
    spool.append([span(1)])

    assert SpoolDirectory(tmp_path).remove_expired() == 0
    assert waiting(spool) == bodies(span(1))
