"""Errors that a cell shows, without the frames of this package."""

from __future__ import annotations

import sys
from typing import Any

from ..guard import Guard
from ..own_frames import remove_own_frames

_NAME = "showtraceback"


class ErrorDisplay:
    """Stands before the shell's ``showtraceback``, by which IPython shows the error of a cell, from `install` to `remove`."""

    def __init__(self, shell: Any, guard: Guard) -> None:
        self._shell = shell
        self._remove_own_frames = guard(remove_own_frames)
        self._on = False
        self._ours: Any = None
        self._users: Any = None

    def install(self) -> None:
        self._on = True
        self._users = self._shell.__dict__.get(_NAME)
        self._ours = self._before(self._shell.showtraceback)
        self._shell.showtraceback = self._ours

    def remove(self) -> None:
        """Leave the shell as it was, unless somebody else has replaced the function since: then ours only passes on."""
        self._on = False
        if self._shell.__dict__.get(_NAME) is self._ours and self._ours is not None:
            del self._shell.showtraceback
            if self._users is not None:
                self._shell.showtraceback = self._users
        self._ours = self._users = None

    def _before(self, show: Any) -> Any:
        # A function for each `install`: somebody else's may still call that of an earlier one.
        def showtraceback(exc_tuple: Any = None, *args: Any, **kwargs: Any) -> Any:
            error = sys.exception() if exc_tuple is None else exc_tuple[1]
            if self._on and isinstance(error, BaseException):
                self._remove_own_frames(error)
                exc_tuple = None if exc_tuple is None else (type(error), error, error.__traceback__)
            return show(exc_tuple, *args, **kwargs)

        return showtraceback
