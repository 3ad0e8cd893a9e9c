"""Who is let into MLflow's UI: over real HTTP, with the headers that browsers send."""

from __future__ import annotations

import http.client
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from ipy_llmtrace.mlflow_ui.gate import COOKIE, PARAMETER, TICKET_S, Keys
from ipy_llmtrace.mlflow_ui.server_process import UiServer

pytestmark = pytest.mark.processes

SERVER = """\
import os, sys, uvicorn
from ipy_llmtrace.mlflow_ui.gate import Gate, Keys
async def echo(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            await send({"type": (await receive())["type"] + ".complete"})
    body = scope["raw_path"] + b" of " + scope["path"].encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})
uvicorn.run(Gate(lambda: echo, Keys.of(os.environ)), port=int(sys.argv[1]), log_level="error")
"""
VISIT = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
OWN, SAME_SITE, ELSEWHERE = ({"Sec-Fetch-Site": site} for site in ("same-origin", "same-site", "cross-site"))


@dataclass
class Browser:
    """Sends requests to the server behind the gate."""

    port: int
    keys: Keys

    def get(self, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        answer.body = answer.read().decode()  # type: ignore[attr-defined]
        connection.close()
        return answer

    def status(self, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> int:
        return self.get(path, headers, method).status

    @property
    def cookie(self) -> dict[str, str]:
        return {"Cookie": f"other=1; {COOKIE}={self.keys.token}"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    server = UiServer("", Keys.new())
    server.start(lambda port: [sys.executable, "-c", SERVER, str(port)], os.environ, lambda log: False)
    yield Browser(server.port, server.keys)
    server.stop()


def test_without_a_token_nothing_is_served_whatever_the_path(browser: Browser):
    home = f"/{browser.keys.path}/"
    for path in ("/", "/health", "/ajax-api/2.0/mlflow/experiments/search", home.rstrip("/"), f"/x{home}", f"/{home}"):
        assert browser.status(path) == 404
        assert browser.status(path, browser.cookie | OWN) == 404
    for path in (home, f"{home}health", f"{home}?{PARAMETER}=wrong", f"{home}ajax-api/3.0/mlflow/traces/tr-1"):
        for method in ("GET", "POST", "OPTIONS", "DELETE"):
            assert browser.status(path, {"Cookie": f"{COOKIE}=wrong"}, method) == 403


def test_the_link_answers_with_a_cookie_of_this_path_that_no_script_reads(browser: Browser):
    home = f"/{browser.keys.path}/"
    answer = browser.get(f"{home}?{PARAMETER}={browser.keys.token}", VISIT | ELSEWHERE)
    assert answer.status == 200
    # Without a path: that of the page, as the browser sees it, also behind a proxy.
    assert answer.headers["Set-Cookie"] == f"{COOKIE}={browser.keys.token}; HttpOnly; SameSite=Strict"
    assert answer.headers["Cache-Control"] == "no-store"
    assert browser.keys.token not in answer.body  # type: ignore[attr-defined]
    shown = browser.get(f"{home}a%20b?c=d", VISIT | OWN | browser.cookie)
    assert (shown.status, shown.body) == (200, "/a%20b of /a b")  # type: ignore[attr-defined]


def test_a_ticket_is_good_once_and_not_for_ever(browser: Browser):
    home, now_s = f"/{browser.keys.path}/", time.time()
    ticket = browser.keys.ticket(now_s)
    assert browser.get(f"{home}?{PARAMETER}={ticket}", VISIT | ELSEWHERE).headers["Set-Cookie"]
    again = browser.get(f"{home}?{PARAMETER}={ticket}", VISIT | ELSEWHERE)
    assert again.headers["Set-Cookie"] is None
    for worthless in (browser.keys.ticket(now_s - TICKET_S - 60), ticket[:-1], Keys.new().ticket(now_s), f"9{ticket}"):
        assert browser.get(f"{home}?{PARAMETER}={worthless}", VISIT | ELSEWHERE).headers["Set-Cookie"] is None


def test_a_later_visit_from_the_notebook_begins_again_at_this_site_so_that_the_cookie_comes(browser: Browser):
    home = f"/{browser.keys.path}/"
    for path in (home, f"{home}?{PARAMETER}={browser.keys.ticket(0)}"):
        answer = browser.get(path, VISIT | ELSEWHERE)
        assert (answer.status, answer.headers["Set-Cookie"]) == (200, None)
        assert "location.replace" in answer.body  # type: ignore[attr-defined]
    # The address in the browser's bar has no ticket, whatever let it in.
    used = f"{home}?{PARAMETER}={browser.keys.ticket(0)}"
    assert "location.replace" in browser.get(used, VISIT | SAME_SITE | browser.cookie).body  # type: ignore[attr-defined]
    # That visit has no cookie either: no third.
    assert browser.status(home, VISIT | OWN) == 403
    assert browser.status(home, VISIT | OWN | browser.cookie) == 200


def test_a_page_of_another_port_is_turned_away_though_the_browser_adds_the_cookie(browser: Browser):
    api = f"/{browser.keys.path}/ajax-api/2.0/mlflow/experiments/search"
    host = f"127.0.0.1:{browser.port}"
    assert browser.status(api, browser.cookie | {"Host": host, "Origin": f"http://{host}"}, "POST") == 200
    assert browser.status(api, browser.cookie | OWN) == 200
    for headers in (
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "null"},
        SAME_SITE,
        ELSEWHERE,
        SAME_SITE | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe", "Accept": "text/html"},
    ):
        for method in ("GET", "POST", "OPTIONS"):
            assert browser.status(api, browser.cookie | {"Host": host} | headers, method) == 403


def test_behind_a_proxy_the_origin_is_that_of_the_pages_host(browser: Browser):
    api = f"/{browser.keys.path}/ajax-api/2.0/mlflow/experiments/search"
    known = browser.cookie | {"Host": "hub.example:8000"}
    assert browser.status(api, known | {"Origin": "https://hub.example:8000"}, "POST") == 200
    assert browser.status(api, known | {"Origin": "https://evil.example"}, "POST") == 403


def test_keys_are_told_by_the_environment_and_no_two_servers_have_the_same():
    keys = Keys.new()
    assert Keys.of(keys.variables()) == keys
    other = Keys.new()
    assert (other.path, other.token) != (keys.path, keys.token)
