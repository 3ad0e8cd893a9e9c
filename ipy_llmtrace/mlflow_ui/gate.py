"""Lets into a local server only who comes by its link: the browser of the person who runs the notebook.

MLflow's own checks let in each page of ``http://localhost:PORT`` and each process of the machine. Here every request needs a
token: once in the link, which answers with a cookie, then in that cookie.

- The cookie is HttpOnly, SameSite=Strict, and held to the path under which the server is. Browsers send a cookie to every port
  of a host; a path that nobody else can guess keeps it from the other servers of this machine.
- A page of another port of the host is the same site for a browser, which adds the cookie to its requests: those are known by
  their origin, and turned away.
- The link in a cell's output is in the notebook file. It has a ticket instead of the token: good once, for ten minutes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PARAMETER = "llmtrace"
"""The query parameter with the token or a ticket."""

COOKIE = "llmtrace_ui"
PATH_VARIABLE, TOKEN_VARIABLE = "LLMTRACE_UI_PATH", "LLMTRACE_UI_TOKEN"
"""How the server's process is told the keys: other users can read a command line, but no environment."""

TICKET_S = 600

_OWN_SITES = ("same-origin", "none")
_GO = "location.replace(location.pathname + location.hash)"
_GO_HASH = base64.b64encode(hashlib.sha256(_GO.encode()).digest()).decode()
_PAGE = f"""<!doctype html><meta charset="utf-8"><title>MLflow</title><script>{_GO}</script>
<p>This page needs JavaScript, as MLflow's own pages do."""
_CLOSED = "MLflow's UI is open to the notebook's own browser only. Run %llmtrace ui in the notebook and follow its link."


@dataclass(slots=True, frozen=True)
class Keys:
    """What lets in: ``path`` is the first part of each address, ``token`` what the link and the cookie hold."""

    path: str
    token: str

    @classmethod
    def new(cls) -> Keys:
        return cls(secrets.token_urlsafe(12), secrets.token_urlsafe(24))

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Keys:
        """Those in `variables`."""
        return cls(environ[PATH_VARIABLE], environ[TOKEN_VARIABLE])

    def variables(self) -> dict[str, str]:
        return {PATH_VARIABLE: self.path, TOKEN_VARIABLE: self.token}

    def ticket(self, now_s: float) -> str:
        """A ticket that is good once, for `TICKET_S` from ``now_s`` (Unix time)."""
        named = f"{int(now_s) + TICKET_S}.{secrets.token_urlsafe(9)}"
        return f"{named}.{self._signed(named)}"

    def is_ticket(self, ticket: str, now_s: float) -> bool:
        """Whether ``ticket`` is one of these keys, and not too old."""
        named, _, signature = ticket.rpartition(".")
        until = named.partition(".")[0]
        return same(signature, self._signed(named)) and until.isascii() and until.isdigit() and now_s <= int(until)

    def _signed(self, text: str) -> str:
        return hmac.new(self.token.encode(), text.encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


class Gate:
    """An ASGI app in front of another.

    Parameters
    ----------
    app
        Returns the app behind the gate; called when the server starts.
    keys
        What a request needs.
    """

    def __init__(self, app: Callable[[], App], keys: Keys) -> None:
        self._make_app = app
        self._app: App | None = None
        self._keys = keys
        self._used: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._behind()(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._request(scope, receive, send)

    def _behind(self) -> App:
        if self._app is None:
            self._app = self._make_app()
        return self._app

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        first, slash, rest = scope["path"].removeprefix("/").partition("/")
        if not slash or not same(first, self._keys.path):
            await _answer(send, 404, "Not found")
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        is_visit = scope["method"] == "GET" and "text/html" in headers.get("accept", "")
        shown = parse_qs(scope["query_string"].decode("latin-1")).get(PARAMETER, [""])[-1]
        if is_visit and shown and self._lets_in(shown):
            await _answer(send, 200, _PAGE, ("set-cookie", f"{COOKIE}={self._keys.token}; HttpOnly; SameSite=Strict"))
        elif not self._has_cookie(headers):
            # Strict keeps the cookie from a visit that another page began: this page begins one itself.
            from_elsewhere = headers.get("sec-fetch-site", "none") not in _OWN_SITES
            await (_answer(send, 200, _PAGE) if is_visit and (from_elsewhere or shown) else _answer(send, 403, _CLOSED))
        elif not _is_own(headers, is_visit):
            await _answer(send, 403, _CLOSED)
        elif is_visit and shown:
            await _answer(send, 200, _PAGE)
        else:
            raw = scope.get("raw_path") or scope["path"].encode()
            await self._behind()({**scope, "path": f"/{rest}", "raw_path": raw[1 + len(first) :]}, receive, send)

    def _lets_in(self, shown: str) -> bool:
        if same(shown, self._keys.token):
            return True
        if shown in self._used or not self._keys.is_ticket(shown, time()):
            return False
        self._used.add(shown)
        return True

    def _has_cookie(self, headers: dict[str, str]) -> bool:
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return found is not None and same(found.value, self._keys.token)


def _is_own(headers: dict[str, str], is_visit: bool) -> bool:
    """Whether a request comes from a page of this server, or is a visit in a window of its own."""
    if (origin := headers.get("origin")) is not None and urlsplit(origin).netloc != headers.get("host"):
        return False
    is_window = is_visit and headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return is_window or headers.get("sec-fetch-site", "none") in _OWN_SITES


async def _answer(send: Send, status: int, text: str, *headers: tuple[str, str]) -> None:
    body = text.encode()
    own = {
        "content-type": "text/html; charset=utf-8" if text == _PAGE else "text/plain; charset=utf-8",
        "content-length": str(len(body)),
        "cache-control": "no-store",
        "content-security-policy": f"default-src 'none'; script-src 'sha256-{_GO_HASH}'; frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        **dict(headers),
    }
    encoded = [(name.encode(), value.encode()) for name, value in own.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
