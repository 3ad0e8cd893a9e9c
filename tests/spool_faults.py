"""What may lie among the spools, made for real."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ipy_llmtrace.recorder.delivery.spool import Spool
from ipy_llmtrace.recorder.delivery.spool_files import lock_path, new_name
from ipy_llmtrace.recorder.delivery.spool_record import Record, as_line

NOBODY = 65534

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
needs_root = pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root gives files away")


def left_behind(directory: Path, store: str, records: list[Record]) -> Path:
    """The file of a process that died after it had spooled ``records``."""
    spool = Spool.create(directory, store)
    spool.append(records)
    assert spool.path is not None
    path = spool.path
    spool.close()
    return path


def bad_path(directory: Path, store: str) -> Path:
    """A path that a spool for ``store`` could have."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory / new_name(store, "0badfa17")


def symbolic_link(path: Path) -> None:
    path.symlink_to(path.parent / "elsewhere")


def named_pipe(path: Path) -> None:
    os.mkfifo(path)


def full_device(path: Path) -> None:
    path.symlink_to("/dev/full")


def directory(path: Path) -> None:
    path.mkdir()
    (path / "within").write_text("a file")


def unix_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket may have 108 bytes
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(here)


def of_another_user(path: Path) -> None:
    path.write_bytes(as_line("span", "tr-other", b"{}"))
    os.chown(path, NOBODY, NOBODY)


def larger_than_a_spool(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10_000_000_000)  # of which the disk stores nothing


NOT_OURS: list[tuple[Callable[[Path], None], str]] = [
    (symbolic_link, "is a symbolic link"),
    (full_device, "is a symbolic link"),
    (named_pipe, "is a named pipe"),
    (directory, "is a directory"),
    (unix_socket, "is a socket"),
    (of_another_user, "belongs to user nobody"),
    (larger_than_a_spool, "is larger than a spool can be (10,000 MB)"),
]

bad_files = pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(make, reason, marks=needs_root if make is of_another_user else posix, id=make.__name__)
        for make, reason in NOT_OURS
    ],
)

bad_locks = pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(make, reason, marks=needs_root if make is of_another_user else posix, id=make.__name__)
        for make, reason in NOT_OURS
        if make is not larger_than_a_spool
    ],
)

ODD_BODIES = {
    "null": b"null",
    "text": b'"text"',
    "number": b"1e999",
    "not JSON": b"{",
    "a list of text": b'["a", {}]',
    "a hundred thousand brackets": b"[" * 100_000 + b"]" * 100_000,
    "a hundred thousand braces": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a number of ten thousand digits": b"[" + b"1" * 10_000 + b"]",
    "no UTF-8": b"\xff\xfe[1]",
    "nothing": b"",
}
"""Bodies that no record has, with a right checksum."""


def lock_of(path: Path) -> Path:
    return lock_path(path)


@contextlib.contextmanager
def as_nobody(*owned: Path) -> Iterator[None]:
    """As a user who is not root, who owns ``owned``; root may read everything."""
    if os.geteuid() != 0:
        yield
        return
    for path in owned:
        os.chown(path, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def done(offset: int) -> bytes:
    return as_line("done", "-", json.dumps([offset]).encode())
