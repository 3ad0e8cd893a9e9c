"""MLflow's UI where the notebook's page is on another machine: through the real jupyter-server-proxy."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import SETUP
from driver import WINDOW, Notebook
from lab import ANOTHER_HOST, Lab
from playwright.sync_api import Browser, Page, expect

from ipy_llmtrace.mlflow_ui.gate import COOKIE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

UI_MS = 240_000
"""As in test_mlflow_ui.py."""

CALL = "%llmtrace on\nwith mlflow.start_span('agent'):\n    litellm.completion(MODEL, ask('hello'))"


@pytest.fixture
def far_away(browser: Browser, tmp_path: Path) -> Iterator[Notebook]:
    """A notebook on a server that the browser knows by a name which the kernel does not."""
    pytest.importorskip("jupyter_server_proxy", reason="pip install -e '.[integrations]'")
    lab = Lab(
        tmp_path / "notebooks",
        options=["--ServerApp.allow_remote_access=True"],
        variables={"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"},
    )
    page = browser.new_page(viewport=WINDOW)
    try:
        lab.start()
        lab.url = lab.url.replace("127.0.0.1", ANOTHER_HOST).replace("localhost", ANOTHER_HOST)
        yield Notebook(page, lab, "far.ipynb")
    finally:
        page.close()
        lab.stop()


def status(url: str, **headers: str) -> int:
    """What a request that would change something is answered."""
    request = urllib.request.Request(url, b'{"max_results": 1}', {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_the_page_of_the_notebook_gets_through_and_no_other(far_away: Notebook, shot) -> None:
    notebook = far_away
    notebook.write(SETUP, CALL, "%llmtrace ui", "%llmtrace flush")
    notebook.run(0)
    notebook.run(1)
    expect(notebook.grid(1)).to_be_visible()
    notebook.start(2)
    link = notebook.output(2).get_by_role("link", name=re.compile("^MLflow's UI of "))
    expect(link).to_be_visible(timeout=UI_MS)
    proxied = re.fullmatch(r"/proxy/(\d+)(/[\w-]+/)\?llmtrace=.+", link.get_attribute("href") or "")
    assert proxied is not None
    notebook.run(3)
    with notebook.page.expect_popup() as opened:
        notebook.view(1).get_by_role("link", name="MLflow").first.click()
    mlflow_page: Page = opened.value
    expect(mlflow_page.get_by_text("litellm-completion").first).to_be_visible(timeout=UI_MS)
    assert mlflow_page.url.startswith(f"{notebook.lab.url}proxy/")
    shot(mlflow_page, "mlflow")

    (cookie,) = [cookie for cookie in mlflow_page.context.cookies() if cookie["name"] == COOKIE]
    assert (cookie["path"], cookie["httpOnly"], cookie["sameSite"]) == (f"/proxy/{proxied[1]}{proxied[2]}"[:-1], True, "Strict")
    origin = notebook.lab.url.rstrip("/")
    search = f"http://127.0.0.1:{proxied[1]}{proxied[2]}ajax-api/2.0/mlflow/experiments/search"
    page = {"Host": origin.removeprefix("http://"), "Origin": origin}
    assert status(search, **page, Cookie=f"{COOKIE}={cookie['value']}") == 200
    assert status(search, **page) == 403
    assert status(search, **page | {"Origin": "http://evil.example"}, Cookie=f"{COOKIE}={cookie['value']}") == 403
    mlflow_page.close()
