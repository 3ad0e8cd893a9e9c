"""A reply that comes in pieces, whatever its API: what is read off the pieces."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from .. import payload


@dataclass(frozen=True, slots=True)
class Words:
    """What a piece brings. ``thought`` is reasoning, ``text`` the answer; ``content`` says whether it brings anything of the
    reply, these or a tool call, a sound, ..."""

    text: str = ""
    thought: str = ""
    content: bool = False


NOTHING = Words()


class StreamedReply(Protocol):
    """A reply that grows. Nothing here raises for what a server may send."""

    @property
    def failure(self) -> str:
        """Why the stream itself says that it failed; empty if it does not."""
        ...

    def take(self, piece: Any) -> Words:
        """Take the next piece in."""
        ...

    def whole(self, built: Any = None) -> Any:
        """The reply at the end of its stream as plain values, in the form of one that was not streamed. ``built`` is what
        LiteLLM has put together, where it has told."""
        ...

    def partial(self) -> Any:
        """The reply of a stream that was not read to its end: without the tokens, which its end would tell."""
        ...

    def priced(self) -> Any:
        """What LiteLLM can price."""
        ...


class UnknownReply:
    """A stream of pieces that are not known: its end is seen, not what it brings."""

    failure = ""

    def take(self, piece: Any) -> Words:
        return Words(content=True)

    def whole(self, built: Any = None) -> Any:
        return payload.plain(built)

    def partial(self) -> Any:
        return None

    def priced(self) -> Any:
        return None
