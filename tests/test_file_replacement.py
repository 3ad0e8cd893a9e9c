"""A file is written whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipy_llmtrace.file_replacement import replace_file

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def broken() -> Iterator[bytes]:
    yield b"the beginning"
    raise ValueError("no more")


def test_a_file_is_made_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace_file(path, [b"one"])
    assert path.read_bytes() == b"one"
    replace_file(path, [b"an", b"other"])
    assert path.read_bytes() == b"another"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match="no more"):
        replace_file(path, broken())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_a_disk_that_is_full_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    # A limit on the size of files fails as a full disk does: in the middle of a write.
    code = f"""
import resource, signal, pathlib
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
from ipy_llmtrace.file_replacement import replace_file
try:
    replace_file(pathlib.Path({str(path)!r}), [b"x" * 100_000])
except OSError as error:
    print(error.strerror)
"""
    printed = subprocess.run([sys.executable, "-B", "-c", code], check=True, capture_output=True, text=True).stdout
    assert printed == "File too large\n"
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_a_symbolic_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to("file")
    replace_file(tmp_path / "link", [b"new"])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"new"


@posix
def test_permissions_stay_as_they_were_or_are_the_given_ones(tmp_path: Path) -> None:
    path = tmp_path / "file"
    mask = os.umask(0o027)
    try:
        replace_file(path, [b"new"])
        assert path.stat().st_mode & 0o777 == 0o640
        path.chmod(0o664)
        replace_file(path, [b"newer"])
        assert path.stat().st_mode & 0o777 == 0o664
        replace_file(path, [b"newest"], mode=0o600)
        assert path.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(mask)


@posix
def test_a_device_a_pipe_and_a_directory_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null").symlink_to("/dev/null")
    (tmp_path / "directory").mkdir()
    for name in ("pipe", "null", "directory"):
        with pytest.raises(OSError, match="not a regular file"):
            replace_file(tmp_path / name, [b"new"])
    assert not Path("/dev/null").is_file()


def test_a_name_as_long_as_names_can_be(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    replace_file(path, [b"new"])
    assert path.read_bytes() == b"new"
