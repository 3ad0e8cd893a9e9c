"""The methods by which a stream is read and closed, watched in the classes of the streams that are followed.

In the classes, since Python looks the methods of iteration up there; and in those that are met, since LiteLLM has a dozen,
and makes some anew for each call.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import contextvars
import weakref
from collections.abc import Callable
from typing import Any

_MINE = "litellm"

_reading: contextvars.ContextVar[int | None] = contextvars.ContextVar("llmtrace_reading", default=None)
"""The id of the stream whose next piece is being waited for. Not the stream: tasks that begin meanwhile would keep it."""


class StreamClasses:
    """Watches streams being read and closed.

    Parameters
    ----------
    came
        Called with a stream and the piece that its reader is about to get.
    ended
        Called with a stream and the exception that its reader is about to get, ``StopIteration`` too.
    closed
        Called with a stream that its reader closes; LiteLLM does so by itself, too, while it is being read, which is not told.
    """

    def __init__(
        self, came: Callable[[Any, Any], Any], ended: Callable[[Any, BaseException], Any], closed: Callable[[Any], Any]
    ) -> None:
        self._came = came
        self._ended = ended
        self._closed = closed
        # Weak, and without what was there before: that would keep the classes that are made for one call.
        self._watched: weakref.WeakSet[type] = weakref.WeakSet()

    def watch(self, stream: Any) -> bool:
        """Watch the class of a stream; whether that is possible: a generator's cannot be changed, others are not LiteLLM's."""
        makers = {"__next__": self._next, "__anext__": self._anext, "close": self._close, "aclose": self._aclose}
        found = {name: owner for name in makers if (owner := _owner(type(stream), name)) is not None}
        if not found.keys() & {"__next__", "__anext__"}:
            return False
        for name, owner in found.items():
            original = vars(owner)[name]
            if getattr(original, "watched_by", None) is not self:
                watched = makers[name](original)
                watched.watched_by, watched.__wrapped__ = self, original
                setattr(owner, name, watched)
                self._watched.add(owner)
        return True

    def remove(self) -> None:
        """Put back what was there, unless somebody has patched on top."""
        for owner in list(self._watched):
            for name, method in list(vars(owner).items()):
                if getattr(method, "watched_by", None) is self:
                    setattr(owner, name, method.__wrapped__)
        self._watched.clear()

    def _next(self, original: Any) -> Any:
        def __next__(stream: Any) -> Any:
            before = _reading.get()
            if before == id(stream):  # a class whose method calls that of the one above it
                return original(stream)
            _reading.set(id(stream))
            try:
                piece = original(stream)
            except BaseException as error:
                self._ended(stream, error)
                raise
            finally:
                _reading.set(before)
            self._came(stream, piece)
            return piece

        return __next__

    def _anext(self, original: Any) -> Any:
        async def __anext__(stream: Any) -> Any:
            before = _reading.get()
            if before == id(stream):
                return await original(stream)
            _reading.set(id(stream))
            try:
                piece = await original(stream)
            except BaseException as error:
                self._ended(stream, error)
                raise
            finally:
                _reading.set(before)
            self._came(stream, piece)
            return piece

        return __anext__

    def _close(self, original: Any) -> Any:
        def close(stream: Any) -> Any:
            if _reading.get() != id(stream):
                self._closed(stream)
            return original(stream)

        return close

    def _aclose(self, original: Any) -> Any:
        async def aclose(stream: Any) -> Any:
            if _reading.get() != id(stream):
                self._closed(stream)
            return await original(stream)

        return aclose


def _owner(cls: type, name: str) -> type | None:
    """The class of LiteLLM's that has the method ``name`` of ``cls``, also where the user's own class has one on top."""
    makers = (each for each in cls.__mro__ if name in vars(each) and each.__module__.partition(".")[0] == _MINE)
    return next(makers, None)
