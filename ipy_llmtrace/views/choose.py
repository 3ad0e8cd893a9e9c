"""Which views show cells, by the options."""

from __future__ import annotations

from dataclasses import dataclass

from ..cells.change_feed import ChangeFeed
from ..cells.ownership import Cells
from ..guard import Guard
from ..mlflow_ui.links import TraceLinks
from ..options import Options
from ..recorder import Recorder
from ..shell.execute_request import ExecuteRequest
from ..shell.output import ShellOutput
from .base import NoViews, TextViews, Views
from .context import ViewContext
from .delivery_notes import DeliveryNotes
from .front_end import FrontEnd
from .kernel_app import KernelApp
from .live import LiveViews


@dataclass(frozen=True)
class ViewParts:
    """What views of any options are made of; it lives as long as the session."""

    output: ShellOutput
    request: ExecuteRequest
    cells: Cells
    recorder: Recorder
    feed: ChangeFeed
    app: KernelApp
    guard: Guard


def choose_views(options: Options, parts: ViewParts) -> Views:
    """The views for ``options``; a terminal gets text."""
    redactor = options.redactor()
    if options.view == "off":
        return NoViews()
    if options.view == "text" or not parts.output.has_widgets:
        return TextViews(redactor)
    return LiveViews(
        ViewContext(
            options=options,
            redactor=redactor,
            notes=DeliveryNotes(parts.recorder, options),
            output=parts.output,
            front_end=FrontEnd(parts.request, parts.cells, parts.app),
            app=parts.app,
            links=TraceLinks(parts.recorder.trace_locations),
            feed=parts.feed,
            guard=parts.guard,
        )
    )
