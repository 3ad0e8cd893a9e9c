"""The two widgets: `App` carries the bundle once a kernel, `TraceView` shows one cell.

One internal of ipykernel is touched, `_hear_while_busy`: ``_reply_subshell_for`` of a comm, where it has one (from 7.4 on).
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import anywidget
import traitlets

from .bundle import bundled
from .clock import monotonic
from .views.feedback import ViewFeedback
from .wire import Packed

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


class App(anywidget.AnyWidget):
    """Carries the bundle; its ``initialize`` returns the functions that every `TraceView` of the kernel uses.

    Parameters
    ----------
    troubles
        Plain sentences about what cannot be stored at present: each view's header has them while the kernel lives.
    ui
        The addresses of MLflow's UIs that live as long as the kernel, by the names that links have for their stores.
    """

    troubles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    ui = traitlets.Dict().tag(sync=True)

    def __init__(self, troubles: Sequence[str] = (), ui: Mapping[str, str] | None = None) -> None:
        self._esm = bundled("app.js")
        self.answered: bool = False
        """Whether a front-end has loaded the bundle: it renders views, then."""
        self.origin: str | None = None
        """Where the page is that shows the notebook: ``https://hub.example``, say."""
        super().__init__(troubles=list(troubles), ui=dict(ui or {}))
        _hear_while_busy(self)
        self.on_msg(self._receive)

    def _receive(self, _widget: Any, message: Any, _buffers: Any) -> None:
        if isinstance(message, dict) and message.get("kind") == "here":
            self.answered = True
            origin = str(message.get("origin"))
            self.origin = origin if re.fullmatch(r"https?://[\w.:\[\]-]+", origin) else self.origin
        elif isinstance(message, dict) and message.get("kind") == "plain_view":
            self._esm = bundled("view.js")


class TraceView(anywidget.AnyWidget):
    """The live view of one cell's trace.

    Parameters
    ----------
    app
        The kernel's `App`.
    snapshot
        Returns the packed snapshot as of the delta with the given number.
    detail
        Returns the packed reply to a request for the whole detail of the span with the given id.
    search
        Returns the packed reply to a search, by its number, its words and its attributes.
    feedback
        What has been said of the trace, and what takes more.
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
        snapshot: Callable[[int], Packed],
        detail: Callable[[str], Packed],
        search: Callable[[int, list[str], list[tuple[str, str]]], Packed],
        feedback: ViewFeedback,
        placement: str,
    ) -> None:
        # A message of the browser may be handled on another thread than the feed's (a subshell's).
        self._lock = threading.RLock()
        self._make_snapshot = snapshot
        self._make_detail = detail
        self._search = search
        self._feedback = feedback
        self._seq = 0
        self._resend_s = FIRST_RESEND_S
        self._resend_at = monotonic() + self._resend_s
        self.answered: bool = False
        super().__init__(
            app=f"anywidget:{app.model_id}",
            layout=app.layout,  # one for all: each is saved with the notebook
            view_id=uuid.uuid4().hex,
            placement=placement,
            snapshot=snapshot(0),
            feedback=feedback.shown(),
            takes_feedback=feedback.possible,
        )
        _hear_while_busy(self)
        feedback.listen(self._show_feedback)
        self.on_msg(self._receive)

    def push(self, delta: Callable[[int], Packed | None]) -> None:
        """Send the delta made for the next number, if there is one."""
        with self._lock:
            packed = delta(self._seq + 1)
            if packed is not None:
                self._seq += 1
                self._send_packed(packed)

    def sync(self, *, again: bool = False) -> None:
        """Bring the saved state up to date, and any view that missed something; ``again``: also if nothing changed."""
        with self._lock:
            self.snapshot = self._make_snapshot(self._seq)
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

    def _show_feedback(self) -> None:
        with self._lock:
            self.feedback = self._feedback.shown()

    def _send_packed(self, packed: Packed) -> None:
        # A custom message carries binary beside its JSON, not in it.
        content = {name: value for name, value in packed.items() if not isinstance(value, bytes)}
        self.send(content, [value for value in packed.values() if isinstance(value, bytes)] or None)

    def _receive(self, _widget: Any, message: Any, _buffers: Any) -> None:
        kind = message.get("kind") if isinstance(message, dict) else None
        if kind == "here":
            self.answered = True
            if message.get("seq") != self._seq:
                self.sync()  # it rendered a state from before it could hear
        elif kind == "resync":
            self.sync()
        elif kind == "detail":
            self._send_packed(self._make_detail(str(message.get("id"))))
        elif kind == "feedback":
            self._feedback.take(message)
        elif kind == "search":
            words = [str(word) for word in message.get("words") or ()]
            attributes = [(str(key), str(value)) for key, value in message.get("attributes") or ()]
            self._send_packed(self._search(int(message.get("number") or 0), words, attributes))
