"""Makes MLflow's SQLite file whole or not at all.

MLflow makes it in place, in many steps that SQLite cannot undo. A kernel that is shut down meanwhile, or a second one that
makes the file at the same time, leaves one that no MLflow opens again ("table _alembic_tmp_... already exists").

MLflow internals relied on: ``mlflow.store.db.utils.create_sqlalchemy_engine`` and ``_initialize_tables``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..patches import Patches

_ABANDONED_S = 600.0
"""How old a half-made file must be to be nobody's."""

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
    half_made = path.with_name(f".{path.name}-new-")
    for old in path.parent.glob(half_made.name + "*"):
        with contextlib.suppress(OSError):
            if time.time() - old.stat().st_mtime > _ABANDONED_S:
                old.unlink()
    fresh = half_made.with_name(half_made.name + secrets.token_hex(4))
    try:
        engine = utils.create_sqlalchemy_engine(f"sqlite:///{fresh}")
        utils._initialize_tables(engine)
        engine.dispose()
        with contextlib.suppress(FileExistsError):
            _put_in_place(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


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
