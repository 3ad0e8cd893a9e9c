"""A server on this machine that ends with the kernel, however the kernel ends."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence

from ..clock import monotonic
from .gate import COOKIE, Keys

START_S = 300.0
"""Longest wait for the server's first answer, in seconds; on a quiet machine it takes about 6 s."""

TRIES = 3
"""Number of ports tried before the start fails."""

_LOG_BYTES = 20_000


class NotServed(Exception):
    """The server did not start; the argument is its log."""


class UiServer:
    """A server on a free port of 127.0.0.1, in processes that end with this one, however it ends.

    Parameters
    ----------
    store
        What it serves: another store needs another server.
    keys
        What its requests need, which it gets in its environment.
    """

    def __init__(self, store: str, keys: Keys) -> None:
        self.store = store
        self.keys = keys
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self, command: Callable[[int], Sequence[str]], environment: Mapping[str, str], port_was_taken: Callable[[str], bool]
    ) -> None:
        """Start the server, and wait until it answers. Raises `NotServed` when it ends, stays silent, or answers without the
        keys; whatever is raised, it has been stopped.

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
            env={**environment, **self.keys.variables()},
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # or an interrupt of the cell would end it
        )
        try:
            self._wait(self._process)
            self._check_closed()
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
        until = monotonic() + START_S
        while monotonic() < until and process.poll() is None:
            if self._status(f"/{self.keys.path}/health", f"{COOKIE}={self.keys.token}") == 200:
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
        self._log.seek(max(0, self._log.tell() - _LOG_BYTES))
        raise NotServed(self._log.read().decode(errors="replace"))

    def _check_closed(self) -> None:
        for path in ("/health", "/", f"/{self.keys.path}/", f"/{self.keys.path}/health"):
            if (status := self._status(path, "")) not in (403, 404):
                raise NotServed(f"OpenToAll: {path} answers {status} to anyone on this machine; install ipy_llmtrace again")

    def _status(self, path: str, cookie: str) -> int | None:
        """What a request is answered; ``None`` if it is not."""
        import urllib.error  # not before it is needed: it is a tenth of what %load_ext takes
        import urllib.request

        # No proxy of the environment reaches this machine's own address.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Cookie": cookie})
        try:
            with opener.open(request, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return None


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
