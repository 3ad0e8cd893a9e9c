"""Whether a SQLite file can be used at all. MLflow, which is told that it cannot, tries again for minutes before it says so."""

from __future__ import annotations

import contextlib
import errno
import re
import sqlite3
import stat
from pathlib import Path
from urllib.parse import quote

LOCKED_S = 5.0
"""How long to wait for another process that is writing."""


def file_of(tracking_uri: str) -> Path | None:
    """The file that a SQLite tracking URI names; ``None`` if it names none, or one with options of SQLite's."""
    found = re.fullmatch(r"sqlite(?:\+\w+)?:///([^?]+)", tracking_uri)
    return None if found is None or ":memory:" in found[1] else Path(found[1])


def check(tracking_uri: str) -> None:
    """Raise ``OSError`` or ``sqlite3.Error`` if there is something that no database can be in where ``tracking_uri`` has its
    file. A file that is not there is none."""
    path = file_of(tracking_uri)
    if path is None:
        return
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a directory", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    address = f"file:{quote(str(path.absolute()))}?mode=rw"
    with contextlib.closing(sqlite3.connect(address, uri=True, timeout=LOCKED_S)) as connection:
        connection.execute("PRAGMA schema_version")
