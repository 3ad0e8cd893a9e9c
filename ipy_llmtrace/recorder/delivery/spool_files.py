"""Names of spool files, how one is opened, and the lock beside each that its process holds while it uses the file.

A spool directory may hold anything: a file that another user's kernel left, a symbolic link, a named pipe. Only a regular file
of this user is opened, and nothing here waits for the other end of a pipe.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import stat
from pathlib import Path

from filelock import FileLock, Timeout

SUFFIX = ".jsonl"

_owners: dict[Path, int] = {}
"""The user that a directory's file system shows as the owner of files of this process, where that is not its effective user: a
mounted share, say."""

_SAFE_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_KINDS = {
    stat.S_IFLNK: "is a symbolic link",
    stat.S_IFDIR: "is a directory",
    stat.S_IFIFO: "is a named pipe",
    stat.S_IFSOCK: "is a socket",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
}


def key(store: str) -> str:
    """The part of a spool file's name that stands for a store's address, which may contain a password."""
    return hashlib.sha256(store.encode()).hexdigest()[:16]


def new_name(store: str, family: str) -> str:
    """A name for a spool file of this process.

    Parameters
    ----------
    store
        The store's address.
    family
        The same for a process and the children that it forks.
    """
    return f"{key(store)}-{os.getpid()}-{family}-{secrets.token_hex(2)}{SUFFIX}"


def family(path: Path) -> str | None:
    """The family in a spool file's name."""
    parts = path.stem.split("-")
    return parts[2] if len(parts) == 4 else None


def fault(path: Path) -> str | None:
    """Why the file at ``path`` must not be opened, as the end of a sentence; ``None`` if it may be, or if there is none."""
    try:
        return _fault(path, path.lstat()) or _denied(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"cannot be looked at ({error.strerror or error})"


def opened(path: Path, flags: int) -> int:
    """A descriptor of a spool file, made with mode 0600 if ``flags`` say so. Raises ``OSError`` if it is not a regular file of
    this user."""
    if why := fault(path):
        raise OSError(errno.EPERM, why, str(path))
    file = os.open(path, flags | _SAFE_FLAGS, 0o600)
    if why := _fault(path, os.fstat(file)):  # it took the place of the one that was looked at
        os.close(file)
        raise OSError(errno.EPERM, why, str(path))
    return file


def lock_path(path: Path) -> Path:
    """The lock beside a spool file."""
    return path.with_suffix(".lock")


def locked(path: Path) -> FileLock | None:
    """The lock that says ``path`` is in use, now ours; ``None`` while another process has it.

    Raises ``OSError`` if there can be none: the lock belongs to another user, say.
    """
    beside = lock_path(path)
    if why := fault(beside):
        raise OSError(errno.EPERM, why, str(beside))
    is_new = not beside.exists()
    lock = FileLock(beside, timeout=0, thread_local=False, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        return None
    except NotImplementedError as error:
        raise OSError(errno.ENOLCK, "the file system has no locks", str(path)) from error
    if not beside.exists():
        # Whoever had it has removed it since it was opened here: it keeps nobody out.
        lock.release()
        return None
    if is_new and not stat.S_IMODE(path.parent.stat().st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
        _owners[path.parent] = beside.stat().st_uid
    return lock


def remove(path: Path, lock: FileLock) -> None:
    """Remove a spool file and its lock file, which must be held: whoever waits for it sees that it is gone."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
        os.unlink(lock.lock_file)


def _fault(path: Path, found: os.stat_result) -> str | None:
    if not stat.S_ISREG(found.st_mode):
        return _KINDS.get(stat.S_IFMT(found.st_mode), "is not a regular file")
    if hasattr(os, "geteuid") and found.st_uid not in (os.geteuid(), _owners.get(path.parent)):
        return f"belongs to {_name(found.st_uid)}"
    return None


def _denied(path: Path) -> str | None:
    if not os.access(path, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        path.lstat()  # it may be gone since it was looked at
        return "cannot be read and written (permission denied)"
    return None


def _name(uid: int) -> str:
    try:
        import pwd  # not on Windows

        return f"user {pwd.getpwuid(uid).pw_name}"
    except (ImportError, KeyError):
        return f"user number {uid}"
