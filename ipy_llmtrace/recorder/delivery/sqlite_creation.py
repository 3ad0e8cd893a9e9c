"""Makes MLflow's SQLite file whole or not at all.

MLflow makes it in place, in many steps that SQLite cannot undo. A kernel that is shut down meanwhile, or a second one that
makes the file at the same time, leaves one that no MLflow opens again ("table _alembic_tmp_... already exists").

MLflow internals relied on: ``mlflow.store.db.utils.create_sqlalchemy_engine`` and ``_initialize_tables``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import contextlib
import glob
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import time
from typing import Any

from filelock import FileLock

from ..patches import Patches

_TOKEN_CHARS = 8
"""Of the random end of a half-made file's name."""

_ABANDONED_S = 600.0
"""How old a half-made file must be to be nobody's where there is no lock of its maker."""

_opening = threading.Lock()

_turn = threading.RLock()
"""MLflow's migrations cannot be run by two threads of a process at the same time."""


@contextlib.contextmanager
def made(tracking_uri: str) -> Iterator[None]:
    """Have made the SQLite file that ``tracking_uri`` names, if it names one; open it within, where MLflow makes what lacks.

    Another thread that opens a new store with MLflow meanwhile, as the user's does, waits for its turn.
    """
    if not tracking_uri.startswith("sqlite:///"):
        yield
        return
    import mlflow.store.db.utils as utils

    patches = Patches()
    with _opening:
        patches.replace(utils, "_initialize_tables", _in_turn)
        try:
            _make(tracking_uri)
            yield
        finally:
            patches.restore()


def _in_turn(initialize: Callable[[Any], None]) -> Callable[[Any], None]:
    def initialize_in_turn(engine: Any) -> None:
        with _turn:
            initialize(engine)

    return initialize_in_turn


def _make(tracking_uri: str) -> None:
    path = Path(tracking_uri.removeprefix("sqlite:///"))
    if "?" in tracking_uri or ":memory:" in tracking_uri or path.exists():
        return
    import mlflow.store.db.utils as found

    utils: Any = found
    half_made = f".{path.name}-new-"
    _remove_abandoned(path.parent, half_made)
    fresh = path.with_name(half_made + secrets.token_hex(_TOKEN_CHARS // 2))
    lock = _lock(fresh)
    try:
        if path.parent.is_dir():  # the lock would make it, and a mistyped path is to be told
            with contextlib.suppress(OSError, NotImplementedError):  # a file system without locks: others go by the age
                lock.acquire()
        engine = utils.create_sqlalchemy_engine(f"sqlite:///{fresh}")
        utils._initialize_tables(engine)
        engine.dispose()
        with contextlib.suppress(FileExistsError):
            _put_in_place(fresh, path)
    finally:
        lock.release()
        _remove(fresh)


def _remove_abandoned(directory: Path, half_made: str) -> None:
    """Remove what processes have left that died while they made a database; that one lives is known by its lock."""
    names = {found.name[: len(half_made) + _TOKEN_CHARS] for found in directory.glob(glob.escape(half_made) + "*")}
    for fresh in (directory / name for name in names):
        with contextlib.suppress(OSError):
            if _is_abandoned(fresh):
                _remove(fresh)


def _is_abandoned(fresh: Path) -> bool:
    """Raises ``OSError`` where another process has it."""
    lock = _lock(fresh)
    with contextlib.suppress(NotImplementedError):  # a file system without locks
        if Path(lock.lock_file).exists():
            lock.acquire()
            lock.release()
            return True
    return time() - fresh.stat().st_mtime > _ABANDONED_S


def _lock(fresh: Path) -> FileLock:
    return FileLock(f"{fresh}.lock", timeout=0, thread_local=False)


def _remove(fresh: Path) -> None:
    """Remove a half-made file, with its lock and with SQLite's journal."""
    for suffix in ("", ".lock", "-journal"):
        with contextlib.suppress(OSError):
            fresh.with_name(fresh.name + suffix).unlink()


def _put_in_place(fresh: Path, path: Path) -> None:
    """Give ``fresh`` the name ``path``. Raises ``FileExistsError`` when somebody else has made it meanwhile."""
    try:
        os.link(fresh, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if path.exists():
            raise FileExistsError(path) from None
        os.replace(fresh, path)
