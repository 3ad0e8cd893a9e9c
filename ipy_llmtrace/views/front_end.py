"""Whether anybody renders the live views. A front-end that does says so; only silence tells of one that does not."""

from __future__ import annotations

from ..cells.ownership import Cells
from ..clock import monotonic
from ..shell.execute_request import ExecuteRequest
from .kernel_app import KernelApp

DOUBT_S = 3.0
"""Seconds of silence, in an idle kernel with a front-end, until views show their static forms for the time being."""

GIVE_UP_S = 15.0
"""Seconds of silence until they do so for good, and say why."""


class FrontEnd:
    """What is known of the front-end.

    Parameters
    ----------
    request
        Knows whether a front-end that a person looks at has shown itself: only such a one is expected to answer.
    cells
        Know for how long no cell has run: a kernel that runs one may not hear the answer.

    Attributes
    ----------
    answered
        Whether a front-end has answered: it renders views.
    doubted
        Whether there is no answer, so that views show their static forms until there is one.
    given_up
        Whether the silence has been long enough to await none any more.
    no_widgets_because
        Why no further view gets a widget.
    """

    def __init__(self, request: ExecuteRequest, cells: Cells, app: KernelApp) -> None:
        self._request = request
        self._cells = cells
        self._app = app
        self.answered = False
        self.doubted = False
        self.given_up = False
        self.no_widgets_because: str | None = None

    @property
    def seen(self) -> bool:
        """Whether a front-end that a person looks at has shown itself."""
        return self._request.front_end_seen

    def listen(self, answered: bool, settled_at: float | None) -> None:
        """Draw conclusions from answers, and from silence.

        Parameters
        ----------
        answered
            Whether a view has been answered.
        settled_at
            When the first of the views that wait was complete, on `time.monotonic`; ``None`` if none is.
        """
        self.answered, self.given_up = answered or self._app.answered, False
        if self.answered and self.no_widgets_because is None:
            self.doubted = False
        elif settled_at is not None and self.seen:
            silent_s = min(monotonic() - settled_at, self._cells.idle_s)
            self.doubted = silent_s > DOUBT_S
            if silent_s > GIVE_UP_S:
                self.given_up = True
                self.no_widgets_because = "this front-end does not render anywidget views"
