"""The directory of the spools: what other processes left there to deliver, and what lies there that must not be opened."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import time

import platformdirs

from .spool import MAX_FILE_BYTES, Spool
from .spool_files import SUFFIX, fault, key, lock_path, locked, remove
from .status import MAX_ABANDONED_BYTES, MAX_AGE_S

_TEMPORARY = ".llmtrace-*.tmp"
"""As `ipy_llmtrace.file_replacement` names what it has not finished."""

_HALF_WRITTEN_S = 24 * 3600.0

_PASSING = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EINTR, errno.ENOSPC})
"""Failures that are not the file's own: it is tried again."""


@dataclass(slots=True, frozen=True)
class SetAside:
    """A file among the spools that is not used; ``reason`` is the end of a sentence that begins with its path."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.path} {self.reason}"


class SpoolDirectory:
    """A directory of spools.

    Parameters
    ----------
    path
        It need not be there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._told: set[SetAside] = set()
        self._unreadable: dict[Path, str] = {}

    def left_for(self, store: str) -> list[Path]:
        """The spool files for ``store``, an address, of other processes and of this one."""
        return self._files(f"{key(store)}-*")

    def take_over(self, store: str) -> Iterator[Spool]:
        """Spools for ``store`` that no process holds; empty files are removed on the way."""
        for path in self.left_for(store):
            if self._fault(path) is not None:
                continue
            spool = self._taken_over(path)
            if spool is not None and spool.waiting:
                yield spool
            elif spool is not None:
                spool.close()

    def remove_expired(self) -> int:
        """Remove what processes left, for any store, when it is too old or too much: the number of bytes given up."""
        given_up = kept = 0
        for path in sorted(self._files("*"), key=_modified, reverse=True):
            with contextlib.suppress(OSError):
                if self._fault(path) is not None:
                    continue
                size = path.stat().st_size
                if kept + size <= MAX_ABANDONED_BYTES and time() - _modified(path) <= MAX_AGE_S:
                    kept += size
                elif _removed(path):
                    given_up += size
        self._remove_remains()
        return given_up

    def set_aside(self) -> list[SetAside]:
        """What lies among the spools, for any store, and is not used."""
        return [SetAside(*found) for path in self._files("*") if (found := self._fault(path)) is not None]

    def news(self) -> list[str]:
        """One line for the user on what is set aside and was not told before; none if there is no such thing."""
        fresh = [found for found in self.set_aside() if found not in self._told]
        self._told.update(fresh)
        if not fresh:
            return []
        others = f"; the same holds for {len(fresh) - 1:,} more files there" if len(fresh) > 1 else ""
        return [
            f"llmtrace: {fresh[0]}, so it is set aside and nothing in it is stored{others}. %llmtrace lists what is set aside, "
            "%llmtrace flush --discard deletes it"
        ]

    def discard(self) -> tuple[int, list[SetAside]]:
        """Delete what is set aside: how many files were deleted, and those that could not be, with the reason.

        A spool whose lock was set aside stays, and can be used from now on.
        """
        failures: list[SetAside] = []
        found = self.set_aside()
        for one in found:
            try:
                _delete(one.path)
                if one.path.suffix == SUFFIX and fault(lock_path(one.path)):
                    _delete(lock_path(one.path))
            except OSError as error:
                failures.append(SetAside(one.path, f"cannot be deleted ({error.strerror or error})"))
            self._unreadable.pop(one.path, None)
        return len(found) - len(failures), failures

    def _fault(self, path: Path) -> tuple[Path, str] | None:
        """What is wrong with a spool file or its lock."""
        if why := fault(path) or _too_large(path) or self._unreadable.get(path):
            return path, why
        if why := fault(lock_path(path)):
            return lock_path(path), why
        return None

    def _taken_over(self, path: Path) -> Spool | None:
        try:
            return Spool.take_over(path)
        except OSError as error:
            if error.errno not in _PASSING:
                self._unreadable[path] = f"cannot be used ({error.strerror or error})"
        except MemoryError:
            self._unreadable[path] = "cannot be used (there is not enough memory)"
        return None

    def _remove_remains(self) -> None:
        """Remove locks without a spool, and what a process that died had half written."""
        for lock in _found(self.path, "*.lock"):
            path = lock.with_suffix(SUFFIX)
            with contextlib.suppress(OSError):
                if not os.path.lexists(path) and fault(lock) is None:
                    _removed(path)
        for half in _found(self.path, _TEMPORARY):
            with contextlib.suppress(OSError):
                if fault(half) is None and time() - _modified(half) > _HALF_WRITTEN_S:
                    half.unlink()

    def _files(self, pattern: str) -> list[Path]:
        return _found(self.path, pattern + SUFFIX)


@functools.cache
def spools_at(path: Path) -> SpoolDirectory:
    """The one of this process for a directory: what it was told is told once, whatever is switched off and on."""
    return SpoolDirectory(path)


def spools_of_user() -> SpoolDirectory:
    """The directory that the environment names (``LLMTRACE_SPOOL``), else one in the user's cache directory."""
    named = Path(os.environ.get("LLMTRACE_SPOOL") or Path(platformdirs.user_cache_dir("ipy_llmtrace")) / "spool")
    with contextlib.suppress(OSError):  # the working directory is gone
        named = named.absolute()
    return spools_at(named)


def _found(directory: Path, pattern: str) -> list[Path]:
    try:
        return sorted(directory.glob(pattern))
    except OSError:
        return []


def _modified(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _too_large(path: Path) -> str | None:
    # Twice: records of what was stored are written beyond the limit.
    with contextlib.suppress(OSError):
        if (size := path.lstat().st_size) > 2 * MAX_FILE_BYTES:
            return f"is larger than a spool can be ({size / 1e6:,.0f} MB)"
    return None


def _removed(path: Path) -> bool:
    """Remove a spool file and its lock, or what there is of the two, unless another process has it."""
    lock = locked(path)
    if lock is None:
        return False
    remove(path, lock)
    lock.release()
    return True


def _delete(path: Path) -> None:
    if stat.S_ISDIR(path.lstat().st_mode):
        shutil.rmtree(path)
    else:
        path.unlink()
