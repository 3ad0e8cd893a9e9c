"""The two widgets: `App` carries the bundle once a kernel, `TraceView` shows one cell.

One internal of ipykernel is touched, `_hear_while_busy`: ``_reply_subshell_for`` of a comm, where it has one (from 7.4 on).
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

import anywidget
import traitlets

from .bundle import bundled
from .clock import monotonic
from .recorder import Streamed
from .trace.span import Span
from .wire import GivenFeedback, Packed, UiAddresses

_VIEW_ESM = """\
export default {
  async render({ model, el, host, signal }) {
    try {
      const app = await host.getWidget(model.get("app"));
      return await app.exports.render({ model, el, host, signal });
    } catch {
      el.textContent = "This trace cannot be shown: what the notebook keeps of it is damaged. Run the cell again.";
    }
  },
};
"""

FIRST_RESEND_S = 0.15
"""How long after it was opened a view that has not answered gets a snapshot again; each next wait is three times as long,
because each is as large as all that there is by then."""


def _hear_while_busy(widget: anywidget.AnyWidget) -> None:
    """Let what the page sends come to the subshell that it asks for, as before ipykernel 7.4, which brings it to the shell that
    sent last: to that of the cell, where it waits until the cell has run. Where this does nothing, it waits."""
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = lambda _data, asked: asked  # pyright: ignore


Widget = TypeVar("Widget", contravariant=True)


class Requests(Protocol[Widget]):
    """Handles what a page sends to a widget, as `ipy_llmtrace.views.page_dispatch.PageDispatch` does."""

    def receive(self, widget: Widget, message: Any) -> None:
        """Handle a message, which may be anything."""
        ...


class CellMessages(Protocol):
    """What a view is told of its cell, as `ipy_llmtrace.views.cell_messages.EncodedMessages` makes it."""

    def snapshot(self, seq: int) -> Packed:
        """Everything known after the delta numbered ``seq``."""
        ...

    def delta(self, seq: int, touched: Sequence[Span], streamed: Sequence[Streamed]) -> Packed | None:
        """Delta number ``seq``: spans began, changed or ended (``touched``), or brought text; ``None`` if none shows."""
        ...


class ShownFeedback(Protocol):
    """The feedback on a cell's trace, as `ipy_llmtrace.views.feedback.ViewFeedback` shows it."""

    @property
    def possible(self) -> bool:
        """Whether feedback can be given."""
        ...

    def shown(self) -> list[GivenFeedback]:
        """All feedback there is."""
        ...


class App(anywidget.AnyWidget):
    """Carries the bundle; its ``initialize`` returns the functions that every `TraceView` of the kernel uses.

    Parameters
    ----------
    requests
        Handles what the page sends.
    troubles
        Plain sentences about what cannot be stored at present: each view's header has them while the kernel lives.
    """

    troubles = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, requests: Requests[App], troubles: Sequence[str]) -> None:
        self._requests = requests
        self._esm = bundled("app.js")
        super().__init__(troubles=list(troubles))
        _hear_while_busy(self)
        self.on_msg(self._receive)

    def _receive(self, _widget: Any, message: Any, _buffers: Any) -> None:
        self._requests.receive(self, message)

    def show_ui(self, addresses: Mapping[str, str]) -> None:
        """Tell the page the addresses of MLflow's UIs that live as long as the kernel, by the names that links have for their
        stores. They let in whoever has them: a message, and no state, because a notebook keeps a widget's state."""
        self.send(UiAddresses(kind="uis", addresses=dict(addresses)))

    def carry_plain_view(self) -> None:
        """Carry the view as a plain module, for a page that may not load the deflated one."""
        self._esm = bundled("view.js")


class TraceView(anywidget.AnyWidget):
    """The live view of one cell's trace.

    Parameters
    ----------
    app
        The kernel's `App`.
    messages
        Makes what the view is sent.
    feedback
        The feedback on the trace.
    requests
        Handles what the page sends.
    placement
        ``beside`` the cell's output, where it is wide enough, or ``below`` it.
    """

    _esm = _VIEW_ESM
    app = traitlets.Unicode().tag(sync=True)
    view_id = traitlets.Unicode().tag(sync=True)
    placement = traitlets.Unicode("beside").tag(sync=True)
    snapshot = traitlets.Dict().tag(sync=True)
    feedback = traitlets.List().tag(sync=True)
    takes_feedback = traitlets.Bool(True).tag(sync=True)

    def __init__(
        self,
        app: App,
        messages: CellMessages,
        feedback: ShownFeedback,
        requests: Requests[TraceView],
        placement: str,
    ) -> None:
        # A message of the browser may be handled on another thread than the feed's (a subshell's).
        self._lock = threading.RLock()
        self._messages = messages
        self._feedback = feedback
        self._requests = requests
        self._seq = 0
        self._resend_s = FIRST_RESEND_S
        self._resend_at = monotonic() + self._resend_s
        self.answered: bool = False
        super().__init__(
            app=f"anywidget:{app.model_id}",
            layout=app.layout,  # one for all: each is saved with the notebook
            view_id=uuid.uuid4().hex,
            placement=placement,
            snapshot=messages.snapshot(0),
            feedback=feedback.shown(),
            takes_feedback=feedback.possible,
        )
        _hear_while_busy(self)
        self.on_msg(self._receive)

    def push(self, touched: Sequence[Span], streamed: Sequence[Streamed]) -> None:
        """Send the next delta, if one shows: spans began, changed or ended (``touched``), or brought text."""
        with self._lock:
            packed = self._messages.delta(self._seq + 1, touched, streamed)
            if packed is not None:
                self._seq += 1
                self.send_packed(packed)

    def sync(self, *, again: bool = False) -> None:
        """Bring the saved state up to date, and any view that missed something; ``again``: also if nothing changed."""
        with self._lock:
            self.snapshot = self._messages.snapshot(self._seq)
            if again:
                self.send_state("snapshot")

    def due_s(self) -> float | None:
        """Seconds until `resend` has something to do; ``None`` once a view has answered."""
        return None if self.answered else max(0.0, self._resend_at - monotonic())

    def resend(self) -> None:
        """Repeat the state, ever more seldom, while no view has answered: messages sent before it has rendered are lost,
        and while a cell runs its answer may not reach us."""
        if self.answered or monotonic() < self._resend_at:
            return
        self._resend_s *= 3
        self._resend_at = monotonic() + self._resend_s
        if self._seq:
            self.sync()

    def rendered(self, seq: int) -> None:
        """A page has rendered the delta or snapshot with this number."""
        self.answered = True
        if seq != self._seq:
            self.sync()  # it rendered a state from before it could hear

    def show_feedback(self) -> None:
        """Send the feedback as it is now."""
        with self._lock:
            self.feedback = self._feedback.shown()

    def send_packed(self, packed: Packed) -> None:
        """Send one message."""
        # A custom message carries binary beside its JSON, not in it.
        content = {name: value for name, value in packed.items() if not isinstance(value, bytes)}
        self.send(content, [value for value in packed.values() if isinstance(value, bytes)] or None)

    def _receive(self, _widget: Any, message: Any, _buffers: Any) -> None:
        self._requests.receive(self, message)
