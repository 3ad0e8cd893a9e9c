"""The one way in which the package writes a file: whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path


def replace_file(path: Path, content: Iterable[bytes], *, mode: int | None = None) -> None:
    """Write ``content`` to ``path``, which keeps its old content until all of the new is on disk.

    A symbolic link is followed, so that the file it leads to is replaced.

    Parameters
    ----------
    content
        Pieces of the file, written one after another.
    mode
        Permission bits of the file. ``None``: those of the file that is replaced, or the process's default for a new one.

    Raises ``OSError`` with nothing changed, also where ``path`` is a directory, a device or a pipe.
    """
    target = Path(os.path.realpath(path))
    with contextlib.suppress(FileNotFoundError):
        found = target.stat()
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        mode = stat.S_IMODE(found.st_mode) if mode is None else mode
    # Not made of the target's name, which may be as long as a name can be.
    fresh = target.with_name(f".llmtrace-{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(fresh, flags, 0o666 if mode is None else 0o600), "wb") as file:
            for piece in content:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            fresh.chmod(mode)
        os.replace(fresh, target)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
