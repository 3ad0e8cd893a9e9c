"""Which handler takes a message of the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from ..encoding.page_request import kind_of, parsed

Widget = TypeVar("Widget")
Request = TypeVar("Request")


class PageDispatch(Generic[Widget]):
    """Calls a handler for each message that a page sends to a widget, by its kind. A message that is not as the contract says
    is dropped."""

    def __init__(self) -> None:
        self._handlers: dict[str, Callable[[Widget, Any], None]] = {}

    def on(self, request_type: type[Request], handle: Callable[[Widget, Request], None]) -> None:
        """Have messages of a type of `ipy_llmtrace.wire` handled by ``handle``."""

        def checked(widget: Widget, message: Any) -> None:
            request = parsed(message, request_type)
            if request is not None:
                handle(widget, request)

        self._handlers[kind_of(request_type)] = checked

    def receive(self, widget: Widget, message: Any) -> None:
        """Handle a message that came to ``widget``."""
        kind = cast(dict[str, Any], message).get("kind") if isinstance(message, dict) else None
        handle = self._handlers.get(kind) if isinstance(kind, str) else None
        if handle is not None:
            handle(widget, message)
