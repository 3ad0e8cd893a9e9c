"""What every live view of a session uses."""

from __future__ import annotations

from dataclasses import dataclass

from ..cells.change_feed import ChangeFeed
from ..guard import Guard
from ..mlflow_ui.links import TraceLinks
from ..options import Options
from ..redaction.redactor import Redactor
from ..shell.output import ShellOutput
from .delivery_notes import DeliveryNotes
from .front_end import FrontEnd
from .kernel_app import KernelApp


@dataclass
class ViewContext:
    """The parts that live views share, made for one choice of options.

    Attributes
    ----------
    feed
        Woken when a view has something to do soon.
    closed
        Whether tracing with these options was switched off.
    """

    options: Options
    redactor: Redactor
    notes: DeliveryNotes
    output: ShellOutput
    front_end: FrontEnd
    app: KernelApp
    links: TraceLinks
    feed: ChangeFeed
    guard: Guard
    closed: bool = False
