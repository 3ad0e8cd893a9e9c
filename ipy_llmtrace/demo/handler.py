"""The server's HTTP: requests in, replies and events out, at the pace of a model and with the faults asked for."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, cast

from . import directives, script
from .api import Api, find, list_models, openai_error
from .directives import Directives
from .mutations import mutate_body, mutate_events
from .odd_values import distort
from .prompt import Body, Event, Failure, Prompt, Reply
from .raw_json import dumps
from .state import State

FIRST_TOKEN_S = 0.3
TOKEN_S = 0.02
_RETRYABLE = {408, 409, 429}


class _Broken(Exception):
    """The connection is to be closed without another word."""


class Handler(BaseHTTPRequestHandler):
    """One connection; HTTP/1.1 keeps it for the next request."""

    protocol_version = "HTTP/1.1"
    server_version = "ipy_llmtrace.demo"
    disable_nagle_algorithm = True

    @property
    def demo(self) -> State:
        """The server that this connection belongs to."""
        return cast(Any, self.server).demo

    def do_GET(self) -> None:
        if self._route() == "models":
            self._send(HTTPStatus.OK, list_models())
        else:
            self._send(HTTPStatus.NOT_FOUND, openai_error(Failure(404, f"Invalid URL (GET {self.path})")))

    def do_POST(self) -> None:
        found = find(self.path)
        error = found[0].error if found else openai_error
        try:
            body = self._read_body()
            if found is None:
                raise Failure(404, f"Invalid URL (POST {self.path})")
            self._answer(found[0], body | found[1])
        except Failure as failure:
            self._send(failure.status, error(failure), self._retry_headers(failure.status))
        except _Broken:
            self.close_connection = True
            with contextlib.suppress(OSError):  # the client may have been first
                self.connection.shutdown(socket.SHUT_RDWR)
        except ConnectionError:  # the client has left
            self.close_connection = True

    def _answer(self, api: Api, body: Body) -> None:
        try:
            prompt = api.read(body)
            wanted = directives.read(prompt.model, prompt.question)
            prompt = replace(prompt, model=directives.base_model(prompt.model))
            reply = script.answer(prompt, wanted)
        except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
            raise Failure(400, f"The request is not as this API wants it: {error!r}") from error
        self._fail_if_wanted(prompt, wanted)
        self._wait(wanted.slow_s + FIRST_TOKEN_S * self.demo.pace)
        if prompt.stream and api.stream:
            stamp = self.demo.stamp()
            events = _failing(api.stream(prompt, reply, stamp), api.fail(prompt, reply, stamp), wanted)
            self._send_events(_changed(events, wanted), reply, wanted)
            return
        self._wait(reply.tokens * TOKEN_S * self.demo.pace)
        body = distort(api.write(prompt, reply, self.demo.stamp()), wanted)
        body = body if wanted.mutate is None else mutate_body(body, wanted.mutate)
        self._send(HTTPStatus.OK, body, cut=wanted.die_after is not None)

    def _fail_if_wanted(self, prompt: Prompt, wanted: Directives) -> None:
        if wanted.hang_s is not None:
            self._wait(wanted.hang_s)
            raise _Broken
        if wanted.fail_first and self.demo.fails_again(wanted.fail_key, wanted.fail_first):
            self._fail(wanted.fail_first_status, prompt, wanted)
        if wanted.fail == "disconnect":
            raise _Broken
        if isinstance(wanted.fail, int):
            self._fail(wanted.fail, prompt, wanted)

    def _fail(self, status: int, prompt: Prompt, wanted: Directives) -> None:
        self._wait(wanted.slow_s)
        messages = {
            401: "Incorrect API key provided: demo. You can find your API key in your account's settings.",
            404: f"The model `{prompt.model}` does not exist or you do not have access to it.",
            429: f"Rate limit reached for {prompt.model}: limit 3 requests a minute. Please try again later.",
            500: "The server had an error while processing your request. Sorry about that!",
            503: "The engine is currently overloaded, please try again later.",
        }
        raise Failure(status, messages.get(status, f"The request asked to fail with status {status}."))

    def _send_events(self, events: Iterator[Event], reply: Reply, wanted: Directives) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        half = max(1, reply.tokens // 2)
        die_after = half if wanted.die_after == 0 else wanted.die_after
        stall_s, sent = wanted.stall_s, 0
        for event in events:
            self._wait(event.tokens * TOKEN_S * self.demo.pace)
            if stall_s and sent >= half:
                self._wait(stall_s)
                stall_s = 0
            self._send_chunk(event.encode())
            sent += event.tokens
            if die_after is not None and sent >= die_after:
                raise _Broken
        self._send_chunk(b"")

    def _send_chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def _send(self, status: int, body: Body, headers: dict[str, str] | None = None, *, cut: bool = False) -> None:
        data = dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        if cut:
            raise _Broken

    def _retry_headers(self, status: int) -> dict[str, str]:
        if status not in _RETRYABLE and status < 500:
            return {}
        # OpenAI's client prefers the header in milliseconds, so that tests with pace 0 need not wait for its retries.
        return {"retry-after": "1", "retry-after-ms": str(max(1, round(1000 * self.demo.pace)))}

    def _read_body(self) -> Body:
        if "Content-Length" not in self.headers:
            self.close_connection = True
            raise Failure(411, "The request has no Content-Length.")
        data = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            body: Body = json.loads(data)
        except ValueError as error:
            raise Failure(400, f"We could not parse the JSON body of your request: {error}") from error
        self.demo.record(self.path, dict(self.headers.items()), body)
        return body

    def _route(self) -> str:
        return self.path.partition("?")[0].strip("/").removeprefix("v1/")

    def _wait(self, seconds: float) -> None:
        if seconds and self.demo.stopping.wait(seconds):
            raise _Broken

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: it would land in the user's cell."""


def _failing(events: Iterator[Event], failure: Iterator[Event], wanted: Directives) -> Iterator[Event]:
    """A stream that says after so many tokens that it failed, if the directives want it."""
    sent = 0
    for event in events:
        if wanted.error_after is not None and sent >= wanted.error_after:
            yield from failure
            return
        yield event
        sent += event.tokens


def _changed(events: Iterator[Event], wanted: Directives) -> Iterator[Event]:
    """A stream without its words, with odd values, or damaged, as the directives want it."""
    if wanted.empty:
        events = (event for event in events if event.data == "[DONE]")
    if wanted.odd_usage is not None or wanted.nested_depth:
        events = (
            replace(event, data=distort(event.data, wanted)) if isinstance(event.data, dict) else event for event in events
        )
    return events if wanted.mutate is None else iter(mutate_events(list(events), wanted.mutate))
