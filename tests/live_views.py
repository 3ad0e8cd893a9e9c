"""A session's parts as live views see them, for tests without a shell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ipy_llmtrace.cells.cell_trace import CellTrace
from ipy_llmtrace.guard import Guard
from ipy_llmtrace.options import Options
from ipy_llmtrace.redaction.redactor import Redactor
from ipy_llmtrace.views.context import ViewContext
from ipy_llmtrace.views.front_end import FrontEnd
from ipy_llmtrace.views.kernel_app import KernelApp
from ipy_llmtrace.wire import TraceLink


class Shell:
    """The output, the request and the cells of a shell, the links and the notes of its traces, and its feed."""

    def __init__(self) -> None:
        self.front_end_seen = True
        self.idle_s = 0.0
        self.known_links: list[TraceLink] = []
        self.lines: list[str] = []
        self.app = KernelApp()
        self.context = ViewContext(
            options=Options(max_saved_bytes=100_000),
            redactor=Redactor.none(),
            notes=self,
            output=self,
            front_end=FrontEnd(self, self, self.app),
            app=self.app,
            links=self,
            feed=self,
            guard=Guard(print),
        )

    def publish(self, data: Mapping[str, Any], *, display_id: str | None = None, update: bool = False) -> None: ...

    def wake(self) -> None: ...

    def of(self, cell: CellTrace) -> list[TraceLink]:
        return self.known_links

    def footer(self) -> list[str]:
        return self.lines

    def troubles(self) -> list[str]:
        return []
