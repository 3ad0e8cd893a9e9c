"""One cell's view in one output: a live widget, and beside it the static forms of its trace."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..bundle import BundleMissing
from ..cells.cell_trace import CellTrace
from ..clock import monotonic
from ..recorder import Streamed
from ..render import format
from ..trace.span import Span
from .cell_messages import EncodedMessages
from .context import ViewContext
from .feedback import ViewFeedback
from .page_requests import PageRequests
from .static_output import static_forms

if TYPE_CHECKING:
    from ..widget import App, TraceView

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"

QUIET_S = 1.0
"""Seconds without further feedback until the static forms show it: they are made whole, and JupyterLab attaches the view
beside them anew."""

VIEW_BYTES = 1_500
"""Size of a view in the notebook file without its snapshot."""

_NOT_RENDERED = (
    "This front-end has not rendered the live view: install anywidget >= 0.11 in the environment of the "
    "Jupyter server, too, and reload the page."
)


class CellView:
    """A view of ``cell``. Its methods are called on one thread at a time.

    Attributes
    ----------
    settled_at
        When everything was sent, on `time.monotonic`; ``None`` while spans run.
    """

    def __init__(self, cell: CellTrace, context: ViewContext) -> None:
        self.cell = cell
        self.settled_at = monotonic() if cell.finished and not cell.running else None
        self._context = context
        self._display_id = uuid.uuid4().hex
        max_bytes = context.options.max_saved_bytes // 2 - VIEW_BYTES
        self._messages = EncodedMessages(cell, context.redactor, self, context.links, max_bytes)
        self._widget = self._make_widget()
        self._gave_up = False
        self._missed_by_headless = False
        self._feedback_at: float | None = None

    def _make_widget(self) -> TraceView | None:
        # A view whose state is not saved would reopen as "model not found" in place of the static form.
        app = self._app() if self._context.options.max_saved_bytes else None
        if app is None:
            return None
        from ..widget import TraceView

        feedback = ViewFeedback(self.cell, self._context.redactor)
        requests = PageRequests(self._messages, feedback)
        widget = TraceView(app, self._messages, feedback, requests, self._context.options.view)
        feedback.listen(widget.show_feedback)
        return widget

    def _app(self) -> App | None:
        front_end = self._context.front_end
        if front_end.no_widgets_because is not None:
            return None
        self._context.app.show_troubles(self._context.notes.troubles())
        try:
            return self._context.app.open()
        except BundleMissing as error:
            front_end.no_widgets_because = str(error)
            self._context.guard.say(f"llmtrace: {error}")
            return None

    # -- what happens to the cell -------------------------------------------------------------------------------------

    def update(self, touched: Sequence[Span], streamed: Sequence[Streamed]) -> None:
        """Spans began, changed or ended (``touched``), or brought text (``streamed``)."""
        self.settled_at = None
        if self._widget is not None:
            self._widget.push(touched, streamed)

    def settle(self) -> None:
        """The cell has run, and no span of it runs."""
        self.settled_at = monotonic()
        self._missed_by_headless = not self._context.front_end.seen
        if self._widget is not None:
            self._widget.sync()
        self.display(update=True)
        # The front-end's time to answer begins when all is sent: of a large trace that takes a while.
        self.settled_at = monotonic()

    def follow_feedback(self) -> None:
        """Show feedback in the static forms, too, when it comes."""
        self.cell.given.listen(self._feedback_came)

    def _feedback_came(self) -> None:
        # The widget hears of it by itself. The static forms wait for the feed's thread, so that who gives it need not.
        self._feedback_at = monotonic()
        self._context.feed.wake()

    def close(self) -> None:
        """The view's output is gone."""
        if self._widget is not None:
            self._widget.close()

    def finish(self) -> None:
        """Tracing was switched off: the view stays as it is, but says what it will not see the end of."""
        if self.cell.running and self._widget is not None:
            self._widget.sync()
        if self.cell.running or self._feedback_due_s() is not None:
            self.display(update=True)

    # -- what has to be sent when -------------------------------------------------------------------------------------

    def due_s(self) -> float | None:
        """Seconds until `resend` or `show_feedback` has something to do; ``None``: never."""
        waits = [None if self._widget is None else self._widget.due_s(), self._feedback_due_s()]
        return min((wait_s for wait_s in waits if wait_s is not None), default=None)

    @property
    def awaits_answer(self) -> bool:
        """Whether no page has rendered the widget yet."""
        return self._widget is not None and not self._widget.answered

    @property
    def answered(self) -> bool:
        """Whether a page has rendered the widget."""
        return self._widget is not None and self._widget.answered

    @property
    def has_widget(self) -> bool:
        return self._widget is not None

    def resend(self) -> None:
        """Send the state again, now and then, until a page has rendered the widget."""
        if self._widget is not None:
            self._widget.resend()

    def show_feedback(self) -> None:
        """Display the static forms anew if feedback is due in them."""
        if self._feedback_due_s() == 0:
            self.display(update=True)
            self._missed_by_headless = not self._context.front_end.seen

    def _feedback_due_s(self) -> float | None:
        """Seconds until the static forms show new feedback; ``None`` if they lack none, or get it when the cell settles. Old
        cells stay as they are."""
        if self._feedback_at is None or self.settled_at is None or not self.cell.in_memory:
            return None
        return max(0.0, self._feedback_at + QUIET_S - monotonic())

    def repeat(self) -> None:
        """Send again what came after the cell had ended, now that another one runs: nbclient drops all that is sent while no
        cell runs, or in the name of an earlier one."""
        if self._missed_by_headless or self.cell.running:
            self._missed_by_headless = self.cell.running
            if self._widget is not None:
                self._widget.sync(again=True)
        elif self._feedback_due_s() is None:
            return
        self.display(update=True)

    @property
    def lacks_links(self) -> bool:
        """Whether the settled view lacks links that may become known."""
        return self._widget is not None and self.settled_at is not None and self._messages.lacks_links

    def send_links(self) -> None:
        """Send the links that nobody knew when the cell settled."""
        if self._widget is not None and self.lacks_links and self._messages.has_more_links():
            self._widget.sync()

    # -- what is displayed --------------------------------------------------------------------------------------------

    def stand_alone(self) -> None:
        """No delta will follow: the view is a further one."""
        self._messages.forget_encoded()

    def display(self, *, update: bool, in_running_cell: bool = False) -> None:
        """Display the view in its cell's output, or in that of the running one; or update what was displayed."""
        self._feedback_at = None  # before the feedback is read: more may come meanwhile
        data = self.bundle()
        run: Callable[..., Any] = self.cell.execution.run
        if in_running_cell or not self._context.front_end.seen:
            run = _directly
        run(self._context.output.publish, data, display_id=self._display_id, update=update)

    def bundle(self) -> dict[str, Any]:
        """The MIME bundle: the static forms, and the widget if there is one."""
        context = self._context
        notes = [*([_NOT_RENDERED] if self._gave_up else []), *self._unfinished()]
        data: dict[str, Any] = dict(static_forms(self.cell, context.redactor, context.options.max_saved_bytes // 2, notes))
        if self._widget is not None and not context.front_end.doubted:
            data[WIDGET_MIME] = {"version_major": 2, "version_minor": 0, "model_id": self._widget.model_id}
        return data

    def redisplay(self) -> None:
        """Display the view anew, unless only the store has the cell's spans."""
        if self.cell.in_memory:
            self.display(update=True)

    def give_up(self) -> None:
        """Nobody renders the widget: once settled, the static forms alone take its place."""
        if self._widget is None or self.settled_at is None or not self.cell.in_memory:
            return
        self._widget.close()
        self._widget, self._gave_up = None, True
        self.display(update=True)

    def footer(self) -> list[str]:
        return [*self._context.notes.footer(), *self._unfinished()]

    def _unfinished(self) -> list[str]:
        """What nobody may be there to see the end of."""
        closed = self._context.closed
        if not closed and (self._context.front_end.seen or not self.cell.finished):
            return []
        open_spans = sum(span.end_ns is None for span in self.cell.spans)
        last = "tracing was switched off" if closed else "the notebook ended"
        return [f"{format.count(open_spans, 'span')} still running when {last}"] if open_spans else []


def _directly(function: Callable[..., None], *args: Any, **kwargs: Any) -> None:
    function(*args, **kwargs)
