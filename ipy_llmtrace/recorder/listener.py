"""The other side of a `Recorder`: whoever takes what it records, and answers what only the shell knows."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

from .changes import Change


class Listener:
    """Told of every change, and asked about cells. Override what is needed: the base ignores changes and knows no cell."""

    def take(self, change: Change) -> None:
        """A span began, brought text or ended. Called on the thread that this happens on, which is the user's: be quick."""

    def carry_cell(self) -> AbstractContextManager[object] | None:
        """Called in a thread that starts another: a context manager for that one to enter, or ``None``."""
        return None

    def interrupting(self) -> bool:
        """Whether the user is interrupting the running cell: a cancellation is then theirs, not their code's."""
        return False

    def trace_metadata(self, root_id: str) -> tuple[str, Mapping[str, str]] | None:
        """Called when the root span with this id ends: the session id and the tags for its trace, as far as the user has
        set none; ``None`` for no metadata."""
        return None

    def messages_hidden(self, span_id: str) -> None:
        """The user has told LiteLLM not to log the messages of the call with this span, which has begun: the code of its cell
        may quote them."""

    def delivery_changed(self) -> None:
        """`Recorder.delivery_status` has got better or worse. Called on a background thread."""

    def say(self, line: str) -> None:
        """Show the user one line."""
