"""MLflow's own UI: where it is, or a process that serves it for as long as this one lives."""

from __future__ import annotations

import contextlib
import html
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .. import tracking_uri
from ..options import UsageMistake
from ..redaction.redactor import Redactor
from .browser_address import Reach, of_kernel
from .links import of_server, ui_name

START_S = 300.0
"""How long the server may take to answer; on a quiet machine it takes about 6 s."""

TRIES = 3
"""On how many ports it is tried."""

_LOG_BYTES = 20_000

_OPEN = "pages of any address can use it until a trace has been shown and this is run again"


class NotServed(Exception):
    """The server did not start; the argument is its log."""


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


class MlflowUi:
    """The UI of the store in use.

    Parameters
    ----------
    changed
        Called when `addresses` have changed.
    origin
        Where the page is that shows the notebook; ``None`` while that is not known.
    """

    def __init__(self, changed: Callable[[], None], origin: Callable[[], str | None]) -> None:
        self._changed = changed
        self._origin = origin
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
        # From the kernel's directory: the whole path would be noise.
        named = redactor.text(tracking_uri.masked(store).replace(f"sqlite:///{os.getcwd()}{os.sep}", "sqlite:///"))
        if (address := of_server(store)) is not None:
            return Link(address, named, ())
        # It takes requests of the page that was shown when it began, and of no other.
        moved = self._open_to is not None and self._origin() not in (None, self._open_to)
        if self._server is None or self._reach is None or self._server.store != store or not self._server.running or moved:
            self.close()
            try:
                mlflow_server.prepare(store)
                served = UiServer(store)
                self._open_to = (self._origin() or "*") if of_kernel(0).proxied else None
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
            self._changed()
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
            self._changed()


class UiServer:
    """A server on a free port of 127.0.0.1, in processes that end with this one, however it ends.

    Parameters
    ----------
    store
        What it serves: another store needs another server.
    """

    def __init__(self, store: str) -> None:
        self.store = store
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self, command: Callable[[int], Sequence[str]], environment: Mapping[str, str], port_was_taken: Callable[[str], bool]
    ) -> None:
        """Start the server, and wait until it answers. Raises `NotServed` when it ends or stays silent; whatever is raised, it
        has been stopped.

        Parameters
        ----------
        command
            Makes the server's command line for a port.
        port_was_taken
            Whether a log says that another process has been quicker to listen there: another port is tried, then.
        """
        for left in reversed(range(TRIES)):
            self.port = free_port()
            try:
                self._start(command(self.port), environment)
                return
            except NotServed as error:
                if not left or not port_was_taken(str(error)):
                    raise

    def _start(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - it is open as long as the server
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ipy_llmtrace.mlflow_ui.ends_with_us", *command],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # or an interrupt of the cell would end it
        )
        try:
            self._wait(self._process)
        except BaseException:
            self.stop()
            raise

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End the server; returns when it has ended."""
        if self._process is not None:
            assert self._process.stdin is not None
            # A process that the user has forked holds the pipe open: closing it says nothing, then.
            with contextlib.suppress(OSError), self._process.stdin as stdin:
                stdin.write(b"\n")
            self._process.wait()
            self._process = None
            self._log.close()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        import urllib.request  # not before it is needed: it is a tenth of what %load_ext takes

        # No proxy of the environment reaches this machine's own address.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        until = time.monotonic() + START_S
        while time.monotonic() < until and process.poll() is None:
            with (
                contextlib.suppress(OSError),
                opener.open(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer,
            ):
                if answer.status == 200:
                    return
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
        self._log.seek(max(0, self._log.tell() - _LOG_BYTES))
        raise NotServed(self._log.read().decode(errors="replace"))


def free_port() -> int:
    """A port of 127.0.0.1 that the system gives to nobody else for a minute: a connection over it has just been closed at this
    end. A server may listen there all the same."""
    with socket.socket() as listener, socket.socket() as client:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        client.connect(listener.getsockname())
        listener.accept()[0].close()
        return int(listener.getsockname()[1])
