"""The quickstart as ``make demo`` executes it and as nbval runs it again, and the same package in a terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from kernel import TRACE_MIMES, Ran, carries_bundle, our_widgets
from receivers import http_receiver

from ipy_llmtrace import demo

pytestmark = pytest.mark.notebook

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CELLS_WITH_CALLS = {"first-call", "stream", "gather", "failure", "agent"}


def environment(**variables: str) -> dict[str, str]:
    """As a user's who has set nothing, except that nothing is reported to anybody."""
    ours = ("MLFLOW_", "LITELLM_", "LLMTRACE", "OPENAI_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    kept = {"MLFLOW_DISABLE_TELEMETRY": "true", "LLMTRACE_SPOOL": os.environ["LLMTRACE_SPOOL"]}
    return inherited | kept | variables


def run_demo(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(NOTEBOOKS / "demo.py"), *map(str, arguments)]
    return subprocess.run(command, env=environment(CI="true"), capture_output=True, text=True, timeout=150, check=False)


@dataclass(frozen=True)
class Executed:
    """What ``make demo`` left."""

    path: Path
    printed: str

    @property
    def notebook(self) -> Any:
        return nbformat.read(self.path, as_version=4)

    @property
    def cells(self) -> dict[str, Ran]:
        return {cell.id: Ran(cell.outputs) for cell in self.notebook.cells if cell.cell_type == "code"}


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Executed:
    out = tmp_path_factory.mktemp("demo")
    demo_run = run_demo("--out", out)
    assert (demo_run.returncode, demo_run.stderr) == (0, "")
    return Executed(out / "quickstart.ipynb", demo_run.stdout)


def test_the_quickstart_runs_without_an_error_and_without_a_warning(quickstart: Executed) -> None:
    assert len(quickstart.cells) < 10
    assert {name: (ran.error, ran.stderr) for name, ran in quickstart.cells.items()} == dict.fromkeys(
        quickstart.cells, (None, "")
    )


def test_each_cell_with_calls_has_one_trace_in_three_forms_and_no_other_cell_has(quickstart: Executed) -> None:
    assert {name for name, ran in quickstart.cells.items() if ran.views} == CELLS_WITH_CALLS
    assert [set(view) for name in CELLS_WITH_CALLS for view in quickstart.cells[name].views] == [TRACE_MIMES] * 5


def test_the_agents_tree_tells_who_called_what(quickstart: Executed) -> None:
    flights = 'origin="Berlin", destination="Lisbon"'
    assert [re.split(" · | ✗ ", line)[0] for line in quickstart.cells["agent"].tree[1:]] == [
        '└─ AGENT plan "Plan a trip from Berlin to Lisbon for 4 nights."',
        f"   ├─ LLM gpt-4o-mini → search_flights({flights})",
        f"   ├─ TOOL search_flights {flights}",
        f"   ├─ TOOL search_flights {flights} → from: Berlin, to: L…",
        '   ├─ LLM gpt-4o-mini → search_hotels(city="Lisbon", nights=4)',
        '   ├─ TOOL search_hotels city="Lisbon", nights=4 → city: Lisbon, hotel: Casa do Rio,…',
        '   └─ LLM gpt-4o-mini “Here is what I found for Lisbon: - **search_flights**: {"f…',
    ]


def test_the_executed_file_has_one_bundle_and_a_state_for_every_view(quickstart: Executed) -> None:
    states = our_widgets(quickstart.notebook)
    assert sum(map(carries_bundle, states)) == 1
    assert sum("snapshot" in state for state in states) == len(CELLS_WITH_CALLS)


def test_the_demo_prints_every_tree_and_writes_a_page_that_has_them(quickstart: Executed) -> None:
    page = quickstart.path.with_suffix(".html").read_text("utf-8")
    for name in CELLS_WITH_CALLS:
        (view,) = quickstart.cells[name].views
        assert view["text/plain"] in quickstart.printed
        assert max(re.findall(r"tr-[0-9a-f]{32}", view["text/html"])) in page
    assert "jupyter trust" in quickstart.printed


def test_the_demo_leaves_its_store_beside_its_copy(quickstart: Executed) -> None:
    assert (quickstart.path.parent / "mlflow.db").exists()
    assert not (NOTEBOOKS / "mlflow.db").exists()


def test_the_demo_fails_when_a_cell_fails_and_still_writes_both_files(tmp_path: Path) -> None:
    broken = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")])
    nbformat.write(broken, tmp_path / "broken.ipynb")
    failed = run_demo(tmp_path / "broken.ipynb", "--out", tmp_path / "out")
    assert failed.returncode == 1
    assert "In [1] failed: ZeroDivisionError: division by zero" in failed.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"broken.ipynb", "broken.html"}


def test_nbval_accepts_the_quickstart_when_it_runs_again(quickstart: Executed) -> None:
    run = [sys.executable, "-m"]
    sanitize = subprocess.run(
        [*run, "ipy_llmtrace", "nbval-sanitize"], capture_output=True, text=True, check=True, timeout=60
    ).stdout.strip()
    nbval = [*run, "pytest", "--nbval", "--nbval-sanitize-with", sanitize, "-p", "no:cacheprovider", quickstart.path.name]
    again = subprocess.run(
        nbval, cwd=quickstart.path.parent, env=environment(), capture_output=True, text=True, timeout=150, check=False
    )
    assert (again.returncode, again.stdout) == (0, again.stdout)
    assert f"{len(quickstart.cells)} passed" in again.stdout


def test_a_terminal_prints_the_tree_after_the_cell(server: demo.DemoServer, tmp_path: Path) -> None:
    lines = [
        "%load_ext ipy_llmtrace",
        "%llmtrace on",
        "import litellm",
        f"hello = dict(model={server.model!r}, messages=[dict(role='user', content='hello')])",
        "reply = litellm.completion(**hello)",
        "reply = await litellm.acompletion(**hello)",
        "%llmtrace show -2",
        "%llmtrace off",
        "reply = litellm.completion(**hello)",
    ]
    variables = {"OPENAI_API_KEY": "demo", "OPENAI_BASE_URL": server.url, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    terminal = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor", "--no-confirm-exit"],
        input="\n".join([*lines, "exit", ""]),
        cwd=tmp_path,
        env=environment(**variables, IPYTHONDIR=str(tmp_path / "ipython")),
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    printed = re.sub(r"(In \[\d+\]: |   \.\.\.: )+", "", terminal.stdout)
    assert re.findall(r"LLM trace, cell \[(\d+)\] · 1 LLM call · 13 tokens", printed) == ["5", "6", "5"]
    said = "“Hello! How can I help you today?”"
    assert re.findall(r"^└─ LLM gpt-4o-mini (“.*”) · ", printed, re.MULTILINE) == [said] * 3
    assert [line for line in terminal.stderr.splitlines() if "Flushing the async trace logging queue" not in line] == []


def execute_otel(out: Path, **variables: str) -> dict[str, Ran]:
    """What the cells of the guide to collectors leave."""
    command = [sys.executable, str(NOTEBOOKS / "demo.py"), str(NOTEBOOKS / "otel.ipynb"), "--out", str(out)]
    ran = subprocess.run(
        command, env=environment(CI="true", **variables), capture_output=True, text=True, timeout=500, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return {cell.id: Ran(cell.outputs) for cell in nbformat.read(out / "otel.ipynb", 4).cells if cell.cell_type == "code"}


def test_the_guide_to_collectors_sends_its_spans_to_the_one_that_is_named(tmp_path: Path) -> None:
    with http_receiver() as collector:
        cells = execute_otel(tmp_path, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=collector.url)
    assert "the store and the collector have everything" in cells["flush"].stdout
    assert {span.name for span in collector.spans} == {
        "invoke_agent weather",
        "execute_tool temperature",
        "chat gpt-4o-mini",
    }


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_guide_to_collectors_without_one_lets_an_mlflow_server_stand_in(tmp_path: Path) -> None:
    cells = execute_otel(tmp_path)
    assert cells["arrived"].stdout.splitlines() == [
        "AGENT invoke_agent weather",
        "TOOL execute_tool temperature",
        "CHAT_MODEL chat gpt-4o-mini",
    ]
