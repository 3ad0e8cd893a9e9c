"""Takes the package's own frames out of the tracebacks of the user's errors, so that they look as they do without it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import cast

_PACKAGE = str(Path(__file__).parent)
_MAX_ERRORS = 50
"""How many errors of a chain of causes are looked at."""


def remove_own_frames(error: BaseException) -> None:
    """Unlink the package's frames from the traceback of ``error`` and of the errors that it came from, in place.

    A function that an exception is passing through is on the traceback again once it has been left: call this as far up as
    possible.
    """
    left, met = [error], set[int]()
    while left and len(met) < _MAX_ERRORS:
        at = left.pop()
        if id(at) in met:
            continue
        met.add(id(at))
        at.__traceback__ = _without_own(at.__traceback__)
        left += [other for other in (at.__cause__, at.__context__) if other is not None]
        if isinstance(at, BaseExceptionGroup):
            left += cast(BaseExceptionGroup[BaseException], at).exceptions


def _without_own(first: TracebackType | None) -> TracebackType | None:
    while first is not None and _is_own(first):
        first = first.tb_next
    at = first
    while at is not None:
        following = at.tb_next
        while following is not None and _is_own(following):
            following = following.tb_next
        at.tb_next = following
        at = following
    return first


def _is_own(frame: TracebackType) -> bool:
    return frame.tb_frame.f_code.co_filename.startswith(_PACKAGE)
