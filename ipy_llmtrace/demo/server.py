"""The server's life: started in a daemon thread, stopped with nothing left behind."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from http.server import ThreadingHTTPServer
from typing import Any, Self

from .handler import Handler
from .state import State

MODEL = "openai/gpt-4o-mini"
_NAME = "ipy_llmtrace.demo"
_POLL_S = 0.02


class DemoServer(State):
    """A running demo server; also a context manager that stops it.

    Attributes
    ----------
    url
        Base URL of the OpenAI routes, ``http://127.0.0.1:PORT/v1``; Anthropic's clients want `root_url`.
    model
        A model's name for LiteLLM that has a price.

    The requests are in `State.requests`.
    """

    def __init__(self, pace: float = 1.0) -> None:
        super().__init__(pace)
        self.model = MODEL
        self._http = _HttpServer(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(_POLL_S,), name=_NAME, daemon=True)
        self._thread.start()

    @property
    def root_url(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def url(self) -> str:
        return f"{self.root_url}/v1"

    def stop(self) -> None:
        """Closes every connection, ends every thread, and frees the port; a second call does nothing."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        self._http.shutdown()
        self._http.close_connections()
        self._http.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, demo: DemoServer) -> None:
        self.demo = demo
        self._open: dict[threading.Thread, socket.socket] = {}
        super().__init__(("127.0.0.1", 0), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), name=_NAME, daemon=True)
        self._open[thread] = request
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        super().process_request_thread(request, client_address)
        self._open.pop(threading.current_thread(), None)

    def close_connections(self) -> None:
        """Ends the connections that clients keep alive, and waits for their threads."""
        for thread, connection in list(self._open.items()):
            with contextlib.suppress(OSError):  # the client may have been first
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # clients may leave when they like
            super().handle_error(request, client_address)


def start(pace: float = 1.0) -> DemoServer:
    """Starts a demo server on a free port of 127.0.0.1.

    Parameters
    ----------
    pace
        Factor on the time that replies take: 1 is realistic, 0 is at once.
    """
    return DemoServer(pace)
