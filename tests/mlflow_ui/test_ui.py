"""MLflow's UI: what ``%llmtrace ui`` serves and says, and that nothing of it stays."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from envelopes import opened
from kernel import Kernel, Ran, kernel

from ipy_llmtrace import demo
from ipy_llmtrace.mlflow_ui.browser_address import Reach, reach
from ipy_llmtrace.mlflow_ui.gate import COOKIE, PARAMETER, Keys
from ipy_llmtrace.mlflow_ui.server_process import NotServed, UiServer, free_port
from ipy_llmtrace.recorder import mlflow_server
from ipy_llmtrace.recorder.delivery import sqlite_creation

pytestmark = pytest.mark.processes

START_S = 240.0
PROXIED = Reach("/user/me/proxy/5000")
HERE = Reach("http://127.0.0.1:5000")


def answers(address: str) -> bool:
    """Whether something listens there, whatever it says."""
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=5):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except OSError:
        return False


def until(condition: Any) -> None:
    end = time.monotonic() + START_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


# -- how a browser reaches it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "jupyter", "has_proxy", "found"),
    [
        ({}, None, False, HERE),
        ({}, {"hostname": "localhost", "base_url": "/"}, True, HERE),
        ({"JUPYTERHUB_SERVICE_PREFIX": "/user/me/"}, None, True, PROXIED),
        ({}, {"hostname": "0.0.0.0", "base_url": "/user/me/"}, True, PROXIED),
        ({"SSH_CONNECTION": "a b"}, {"hostname": "localhost", "base_url": "/user/me/"}, True, PROXIED),
        ({"SSH_CONNECTION": "a b", "VSCODE_PID": "1"}, None, True, HERE),
    ],
)
def test_a_browser_on_another_machine_is_led_through_the_jupyter_server(
    environ: dict[str, str], jupyter: dict[str, str] | None, has_proxy: bool, found: Reach
):
    assert reach(5000, environ, jupyter, has_proxy) == found


@pytest.mark.parametrize(
    ("environ", "jupyter", "way"),
    [
        ({"JUPYTERHUB_SERVICE_PREFIX": "/user/me/"}, None, "install jupyter-server-proxy"),
        ({}, {"hostname": "", "base_url": "/"}, "install jupyter-server-proxy"),
        ({"SSH_CONNECTION": "a b"}, None, "ssh -L 5000:127.0.0.1:5000 HOST"),
    ],
)
def test_without_a_way_through_it_is_said_what_to_do(environ: dict[str, str], jupyter: dict[str, str] | None, way: str):
    found = reach(5000, environ, jupyter, False)
    assert (found.address, way in found.note) == (HERE.address, True)


def test_behind_a_proxy_the_gate_checks_hosts_and_origins_not_mlflow(uses_libraries: None, monkeypatch: pytest.MonkeyPatch):
    hosts, origins = "MLFLOW_SERVER_ALLOWED_HOSTS", "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"
    monkeypatch.delenv(hosts, raising=False)
    monkeypatch.delenv(origins, raising=False)
    uri = "sqlite:///mlflow.db"
    proxied = mlflow_server.environment(uri, proxied=True)
    assert (proxied[hosts], proxied[origins]) == ("*", "*")
    assert {hosts, origins}.isdisjoint(mlflow_server.environment(uri))
    monkeypatch.setenv(hosts, "mine.example")
    assert mlflow_server.environment(uri, proxied=True)[hosts] == "mine.example"


# -- the processes ----------------------------------------------------------------------------------------------------

STUB = """\
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        is_ours = self.path.startswith("/" + os.environ["LLMTRACE_UI_PATH"] + "/")
        has_token = os.environ["LLMTRACE_UI_TOKEN"] in self.headers.get("Cookie", "")
        self.send_response(200 if is_ours and has_token else 403)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
OPEN_STUB = STUB.replace("is_ours and has_token", "True")


def test_the_server_ends_with_its_owner_even_when_that_is_killed():
    owner = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            "import os, sys\nfrom ipy_llmtrace.mlflow_ui.gate import Keys\n"
            "from ipy_llmtrace.mlflow_ui.server_process import UiServer\nserver = UiServer('', Keys.new())\n"
            f"server.start(lambda port: [sys.executable, '-c', {STUB!r}, str(port)], os.environ, lambda log: False)\n"
            "print(server.port, flush=True)\nsys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        assert owner.stdout is not None
        address = f"http://127.0.0.1:{owner.stdout.readline().strip()}"
        assert answers(address)
        owner.kill()
    until(lambda: not answers(address))


def test_it_ends_at_once_though_a_process_of_the_users_holds_the_pipe():
    served = UiServer("", Keys.new())
    served.start(lambda port: [sys.executable, "-c", STUB, str(port)], os.environ, mlflow_server.port_was_taken)
    forked = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,), daemon=True)
    forked.start()
    try:
        served.stop()
        assert forked.is_alive()
        assert not answers(f"http://127.0.0.1:{served.port}")
    finally:
        forked.kill()
        forked.join()


def test_another_port_is_tried_when_somebody_else_was_quicker():
    served, asked = UiServer("", Keys.new()), list[int]()
    with socket.socket() as theirs:
        theirs.bind(("127.0.0.1", 0))
        theirs.listen()

        def command(port: int) -> list[str]:
            asked.append(port)
            return [sys.executable, "-c", STUB, str(theirs.getsockname()[1] if len(asked) == 1 else port)]

        served.start(command, os.environ, mlflow_server.port_was_taken)
    try:
        assert len(asked) == 2
        assert asked[-1] == served.port
        assert answers(f"http://127.0.0.1:{served.port}")
    finally:
        served.stop()


def test_a_free_port_is_given_to_nobody_else_and_can_be_listened_on():
    found = [free_port() for _ in range(50)]
    assert len(set(found)) == 50
    with socket.socket() as later:
        later.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        later.bind(("127.0.0.1", found[0]))
        later.listen()


def test_an_interrupt_while_it_starts_leaves_no_process():
    served = UiServer("", Keys.new())

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    try:
        with pytest.raises(KeyboardInterrupt):
            served.start(
                lambda port: [sys.executable, "-c", "import time; time.sleep(600)"], os.environ, mlflow_server.port_was_taken
            )
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not served.running


@pytest.mark.parametrize(
    ("revision", "why"),
    [
        ("0584bdc529eb", "an older MLflow made this store; back it up, then: mlflow db upgrade sqlite:///"),
        ("ffffffffffff", "a newer MLflow made this store: pip install -U mlflow"),
    ],
)
def test_a_store_of_another_mlflow_is_one_line_with_mlflows_own_remedy(
    uses_libraries: None, revision: str, why: str, tmp_path: Path
):
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    with sqlite_creation.made(uri):
        pass
    with contextlib.closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    served = UiServer(uri, Keys.new())
    with pytest.raises(NotServed) as failed:
        served.start(mlflow_server.command, mlflow_server.environment(uri), mlflow_server.port_was_taken)
    assert mlflow_server.why_not(str(failed.value), uri).startswith(why)


def test_a_server_that_answers_without_the_token_is_ended():
    served = UiServer("", Keys.new())
    with pytest.raises(NotServed) as failed:
        served.start(lambda port: [sys.executable, "-c", OPEN_STUB, str(port)], os.environ, mlflow_server.port_was_taken)
    assert "/health answers 200 to anyone on this machine" in mlflow_server.why_not(str(failed.value), "")
    assert not served.running


# -- in a kernel ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def running(server: demo.DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    ours = {"OPENAI_API_KEY": "demo", "OPENAI_BASE_URL": server.url}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "LLMTRACE", "JUPYTER"))}
    kept = {"MLFLOW_DISABLE_TELEMETRY": "true", "LLMTRACE_SPOOL": os.environ["LLMTRACE_SPOOL"]}
    with kernel(tmp_path_factory.mktemp("kernel"), inherited | kept | ours) as started:
        started.run("%load_ext ipy_llmtrace")
        yield started


def link(ran: Ran) -> tuple[str, str]:
    """The address and the text of the link that a cell shows."""
    (output,) = [output for output in ran.outputs if output.output_type == "display_data"]
    (address,) = re.findall(r'href="([^"]+)"', output.data["text/html"])
    assert 'rel="noopener noreferrer"' in output.data["text/html"]
    return address, output.data["text/plain"]


def linked(running: Kernel) -> list[str]:
    """Where each view's trace leads, as the kernel sends it."""
    return [opened(widget["snapshot"])[0]["links"][0]["url"] for widget in running.widgets() if "snapshot" in widget]


def cookie(address: str) -> str:
    """What the browser has when it has followed a link."""
    request = urllib.request.Request(address, headers={"Accept": "text/html"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.headers["Set-Cookie"].partition(";")[0]


@pytest.mark.notebook
@pytest.mark.timeout(600)
def test_ui_serves_the_store_in_use_until_off_and_one_server_is_enough(running: Kernel, server: demo.DemoServer) -> None:
    running.run("%llmtrace on")
    running.run(f"import litellm\nlitellm.completion({server.model!r}, [dict(role='user', content='hello')]);")
    address, said = link(running.run("%llmtrace ui"))
    assert said.endswith("mlflow.db: " + address + " · for this browser; the link works once · it ends with the kernel or off")
    trace = running.run("import json\nt = %llmtrace last\nprint(json.dumps(t.traces[0]))").value
    running.run("%llmtrace flush")
    base = address.partition("?")[0]
    request = urllib.request.Request(f"{base}ajax-api/3.0/mlflow/traces/{trace}", headers={"Cookie": cookie(address)})
    with urllib.request.urlopen(request, timeout=60) as found:
        assert json.load(found)["trace"]["trace_info"]["state"] == "OK"
    for refused in (base, f"{base}ajax-api/3.0/mlflow/traces/{trace}", f"{base}health", address):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(refused, timeout=60)
    assert link(running.run("%llmtrace ui"))[0].startswith(f"{base}?{PARAMETER}=")
    assert link(running.run("%llmtrace on --view below\n%llmtrace ui"))[0].startswith(f"{base}?{PARAMETER}=")
    token = cookie(link(running.run("%llmtrace ui"))[0]).removeprefix(f"{COOKIE}=")
    assert token not in running.file()

    running.run("import shutil\nshutil.copy('mlflow.db', 'other.db')\n%llmtrace on --tracking-uri sqlite:///other.db")
    running.run(f"litellm.completion({server.model!r}, [dict(role='user', content='hello')]);")
    running.run("%llmtrace flush")
    first, other = linked(running)
    assert first.endswith("/#/experiments/0/traces?selectedEvaluationId={trace}&traceId={trace}")
    assert other.startswith("{ui:")
    assert first.partition("/")[0] != other.partition("/")[0]

    call = f"litellm.completion({server.model!r}, [dict(role='user', content='hello')]);"
    running.run(f"{call}\nimport mlflow\nmlflow.set_tracking_uri('sqlite:///mlflow.db')")
    assert running.run("t = %llmtrace last\nprint(json.dumps(t.tracking_uri))").value.endswith("other.db")

    assert running.run("%llmtrace off").stdout == "llmtrace is off\n"
    assert not answers(base.rstrip("/"))


@pytest.mark.notebook
def test_every_cell_of_an_experiment_that_the_store_does_not_have_yet_is_linked(
    running: Kernel, server: demo.DemoServer
) -> None:
    running.run("import litellm\n%llmtrace on --experiment team")
    for _ in range(3):
        running.run(f"litellm.completion({server.model!r}, [dict(role='user', content='hello')]);")
    running.run("%llmtrace flush")
    views = [opened(widget["snapshot"])[0] for widget in running.widgets() if "snapshot" in widget]
    links = [[link["url"].partition("?")[0].partition("#")[2] for link in view["links"]] for view in views[-3:]]
    running.run("%llmtrace off")
    wanted = running.run("import json, mlflow\nprint(json.dumps(mlflow.get_experiment_by_name('team').experiment_id))").value
    assert links == [[f"/experiments/{wanted}/traces"]] * 3


@pytest.mark.notebook
def test_a_tracking_server_has_its_ui_and_nothing_is_started(running: Kernel) -> None:
    address, said = link(
        running.run("import mlflow\nmlflow.set_tracking_uri('http://me:secret@127.0.0.1:1/team')\n%llmtrace ui")
    )
    assert address == "http://127.0.0.1:1/team"
    assert "secret" not in said


@pytest.mark.notebook
@pytest.mark.parametrize(
    ("uri", "why"),
    [
        (
            "sqlite:////proc/traces.db",
            "MLflow's UI of sqlite:////proc/traces.db did not start: sqlite:////proc/traces.db cannot",
        ),
        ("http://[team/", "http://[team/ names no server"),
        ("databricks", "MLflow's UI of databricks did not start: Databricks shows its traces itself"),
    ],
)
def test_a_store_that_can_have_no_ui_is_one_line(running: Kernel, uri: str, why: str) -> None:
    ran = running.run(f"import mlflow\nmlflow.set_tracking_uri({uri!r})\n%llmtrace ui")
    assert why in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.notebook
def test_a_password_in_a_databases_uri_is_not_said(running: Kernel) -> None:
    said = running.run("%llmtrace on --tracking-uri 'postgresql://db/traces?user=me&password=hunter'\n%llmtrace off").stdout
    assert "go to postgresql://db/traces\n" in said
