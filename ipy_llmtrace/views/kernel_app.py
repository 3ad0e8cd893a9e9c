"""The kernel's `App`: one for all views, because each carries the bundle into the notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .. import wire
from .page_dispatch import PageDispatch

if TYPE_CHECKING:
    from ..widget import App


class KernelApp:
    """Makes the App with the first view, since what is sent outside a cell is lost to nbclient, and tells it what changes.

    Attributes
    ----------
    answered
        Whether a front-end has loaded the bundle: it renders views, then.
    """

    def __init__(self) -> None:
        self.answered: bool = False
        self._app: App | None = None
        self._troubles: list[str] = []
        self._ui: dict[str, str] = {}
        self._requests: PageDispatch[App] = PageDispatch()
        self._requests.on(wire.Here, self._here)
        self._requests.on(wire.PlainViewRequest, self._plain_view)

    def open(self) -> App:
        """The App, made if there is none yet. Raises `ipy_llmtrace.bundle.BundleMissing`."""
        if self._app is None:
            from ..widget import App

            self._app = App(self._requests, self._troubles)
        return self._app

    def show_troubles(self, troubles: Sequence[str]) -> None:
        """Plain sentences about what cannot be stored at present, for each view's header."""
        self._troubles = list(troubles)
        if self._app is not None:
            self._app.troubles = self._troubles

    def show_ui(self, addresses: Mapping[str, str]) -> None:
        """The addresses of MLflow's UIs that live as long as the kernel, by the names that links have for their stores."""
        self._ui = dict(addresses)
        if self._app is not None:
            self._app.show_ui(self._ui)

    def _here(self, app: App, request: wire.Here) -> None:
        self.answered = True
        if self._ui:
            app.show_ui(self._ui)

    def _plain_view(self, app: App, request: wire.PlainViewRequest) -> None:
        app.carry_plain_view()


_kernel_app = KernelApp()


def of_kernel() -> KernelApp:
    """The one of this kernel. It outlives a session, for another App would put the bundle into the notebook again."""
    return _kernel_app
