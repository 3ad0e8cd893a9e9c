"""What the recorder tells: a span began, brought text, or ended. Cheap to make on the user's thread (a frozen dataclass takes
three times as long); reading the span in full (`read`) is left to whoever consumes the change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..trace.span import Span


@dataclass(slots=True)
class Began:
    """Ids as in `Span`. ``read`` returns the span as it is when called."""

    span_id: str
    parent_id: str | None
    read: Callable[[], Span]


@dataclass(slots=True)
class Streamed:
    """``text`` is to be appended to the span's; ``time_ns`` (Unix) is when it arrived."""

    span_id: str
    text: str
    time_ns: int


@dataclass(slots=True)
class Ended:
    """Or it will not end any more, as far as one can tell; should it end after all, that follows."""

    span_id: str
    read: Callable[[], Span]


Change = Began | Streamed | Ended
