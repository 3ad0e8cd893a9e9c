"""MLflow's own UI: where it is, or a process that serves it for as long as this one lives."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from .. import tracking_uri
from ..options import UsageMistake
from ..redaction.redactor import Redactor
from .addresses import of_server, ui_name
from .browser_address import Reach, of_kernel
from .server_process import NotServed, UiServer

_OPEN = "pages of any address can use it until a trace has been shown and this is run again"


@dataclass(slots=True, frozen=True)
class Link:
    """A link to show in a cell, with plain sentences about it."""

    address: str
    of: str
    sentences: tuple[str, ...]

    def bundle(self) -> dict[str, str]:
        """Its forms, by MIME type."""
        name, rest = f"MLflow's UI of {self.of}", "".join(f" · {sentence}" for sentence in self.sentences)
        link = f'<a href="{html.escape(self.address)}" target="_blank" rel="noopener noreferrer">{html.escape(name)}</a>'
        return {"text/plain": f"{name}: {self.address}{rest}", "text/html": f"{link}{html.escape(rest)}"}


class Page(Protocol):
    """The page that shows the notebook, as `ipy_llmtrace.views.kernel_app.KernelApp` knows it."""

    @property
    def origin(self) -> str | None:
        """Where the page is; ``None`` while that is not known."""
        ...

    def show_ui(self, addresses: Mapping[str, str]) -> None:
        """The addresses of UIs, by the names that `links` have for their stores, have changed."""
        ...


class MlflowUi:
    """The UI of the store in use.

    Parameters
    ----------
    page
        Told when `addresses` have changed.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._open_to: str | None = None
        self._server: UiServer | None = None
        self._reach: Reach | None = None

    @property
    def addresses(self) -> dict[str, str]:
        """The address of the UI that is served here, without a slash at its end, by the name that `links` have for its store;
        empty when none is."""
        if self._server is None or self._reach is None:
            return {}
        return {ui_name(self._server.store): self._reach.address}

    def open(self) -> Link:
        """Serve the UI, unless that is done already; returns when it answers. Raises `UsageMistake` where it cannot be."""
        from ..recorder import mlflow_server  # imports mlflow

        redactor = Redactor.of_process()
        store = mlflow_server.store()
        if problem := tracking_uri.problem(store):
            raise UsageMistake(redactor.text(problem))
        named = redactor.text(tracking_uri.from_here(tracking_uri.masked(store)))
        if (address := of_server(store)) is not None:
            return Link(address, named, ())
        # It takes requests of the page that was shown when it began, and of no other.
        moved = self._open_to is not None and self._page.origin not in (None, self._open_to)
        if self._server is None or self._reach is None or self._server.store != store or not self._server.running or moved:
            self.close()
            try:
                mlflow_server.prepare(store)
                served = UiServer(store)
                self._open_to = (self._page.origin or "*") if of_kernel(0).proxied else None
                served.start(
                    mlflow_server.command, mlflow_server.environment(store, origin=self._open_to), mlflow_server.port_was_taken
                )
            except (NotServed, mlflow_server.Unavailable) as error:
                why = (
                    mlflow_server.why_not(str(error), tracking_uri.masked(store))
                    if isinstance(error, NotServed)
                    else str(error)
                )
                raise UsageMistake(redactor.text(f"MLflow's UI of {named} did not start: {why}")) from None
            self._server, self._reach = served, of_kernel(served.port)
            self._page.show_ui(self.addresses)
        return Link(
            f"{self._reach.address}/",
            named,
            (
                "anyone on the kernel's machine can open it",
                "it ends with the kernel or off",
                *([_OPEN] if self._open_to == "*" else []),
                *([self._reach.note] if self._reach.note else []),
            ),
        )

    def close(self) -> None:
        """End what is served."""
        if self._server is not None:
            self._server.stop()
            self._server = self._reach = None
            self._page.show_ui(self.addresses)
