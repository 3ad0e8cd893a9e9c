"""MLflow's own UI: where it is, or a process that serves it for as long as this one lives."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Protocol

from .. import tracking_uri
from ..options import UsageMistake
from ..redaction.redactor import Redactor
from .addresses import of_server, ui_name
from .browser_address import Reach, of_kernel
from .gate import PARAMETER, Keys
from .server_process import NotServed, UiServer


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
        self._server: UiServer | None = None
        self._reach: Reach | None = None

    @property
    def addresses(self) -> dict[str, str]:
        """The address of the UI that is served here, by the name that `links` have for its store; empty when none is. It lets
        in whoever has it, so it must not get into a file."""
        if self._server is None or self._reach is None:
            return {}
        return {ui_name(self._server.store): self._address(self._server, self._reach, self._server.keys.token)}

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
        if self._server is None or self._reach is None or self._server.store != store or not self._server.running:
            self.close()
            served = UiServer(store, Keys.new())
            try:
                mlflow_server.prepare(store)
                variables = mlflow_server.environment(store, proxied=of_kernel(0).proxied)
                served.start(mlflow_server.command, variables, mlflow_server.port_was_taken)
            except (NotServed, mlflow_server.Unavailable) as error:
                why = (
                    mlflow_server.why_not(str(error), tracking_uri.masked(store))
                    if isinstance(error, NotServed)
                    else str(error)
                )
                raise UsageMistake(redactor.text(f"MLflow's UI of {named} did not start: {why}")) from None
            self._server, self._reach = served, of_kernel(served.port)
            self._page.show_ui(self.addresses)
        # The notebook keeps the link: it has no token, but a ticket.
        return Link(
            self._address(self._server, self._reach, self._server.keys.ticket(time())),
            named,
            (
                "for this browser; the link works once",
                "it ends with the kernel or off",
                *([self._reach.note] if self._reach.note else []),
            ),
        )

    def close(self) -> None:
        """End what is served."""
        if self._server is not None:
            self._server.stop()
            self._server = self._reach = None
            self._page.show_ui(self.addresses)

    @staticmethod
    def _address(server: UiServer, reach: Reach, shown: str) -> str:
        return f"{reach.address}/{server.keys.path}/?{PARAMETER}={shown}"
