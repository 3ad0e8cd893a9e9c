"""Whoever imports mlflow and litellm, and however: what the next cell calls is shown, and ``%llmtrace`` says what is hooked."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

import pytest
from kernel import Kernel, Ran, kernel

from ipy_llmtrace import demo

pytestmark = pytest.mark.notebook

CALL = "litellm.completion(MODEL, [{'role': 'user', 'content': 'hello'}]);"
VERSIONS = {name: f"{name} {metadata.version(name)}" for name in ("litellm", "mlflow")}
QUESTIONS = """
import importlib.machinery, importlib.metadata, importlib.util, pkgutil, sys
for library in ("mlflow", "litellm"):
    for _ in range(2):
        assert importlib.util.find_spec(library) is not None
    assert importlib.machinery.PathFinder.find_spec(library) is not None
    assert any(module.name == library for module in pkgutil.iter_modules())
    assert importlib.metadata.version(library)
    assert library not in sys.modules
"""
LAZILY = """
import importlib.util, sys
spec = importlib.util.find_spec("litellm")
spec.loader = importlib.util.LazyLoader(spec.loader)
litellm = sys.modules["litellm"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(litellm)
"""
# PathFinder, asked first, leaves ours unasked.
AROUND = """
import importlib.machinery, sys
sys.meta_path.insert(0, importlib.machinery.PathFinder)
import litellm
sys.meta_path.pop(0);
"""
FORGET = "import sys\nfor name in [n for n in sys.modules if n.split('.')[0] == '{0}']:\n    del sys.modules[name]\nimport {0}"


@pytest.fixture
def environment(server: demo.DemoServer) -> dict[str, str]:
    ours = {"OPENAI_API_KEY": "demo", "OPENAI_BASE_URL": server.url, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "LITELLM_"))}
    return inherited | ours | {"MLFLOW_DISABLE_TELEMETRY": "true"}


def switched_on(running: Kernel, server: demo.DemoServer) -> Ran:
    return running.run(f"MODEL = {server.model!r}\n%load_ext ipy_llmtrace\n%llmtrace on\n%llmtrace")


def rows(ran: Ran) -> list[str]:
    assert (ran.error, ran.stderr) == (None, "")
    return [line.strip("│├└─ ").split()[0] for line in ran.tree[1:]]


def test_questions_about_the_libraries_leave_the_hooks_in_place(
    environment: dict[str, str], server: demo.DemoServer, tmp_path: Path
) -> None:
    with kernel(tmp_path, environment) as fresh:
        assert switched_on(fresh, server).stdout.endswith(" · not imported yet: litellm, mlflow\n")
        assert fresh.run(QUESTIONS).error is None
        assert rows(fresh.run(f"import litellm\n{CALL}")) == ["LLM"]
        assert f" · hooked: {VERSIONS['litellm']}, {VERSIONS['mlflow']} · " in fresh.run("%llmtrace").stdout


@pytest.mark.slow
def test_a_lazy_import_is_hooked_when_it_is_used(environment: dict[str, str], server: demo.DemoServer, tmp_path: Path) -> None:
    with kernel(tmp_path, environment) as fresh:
        assert fresh.run(LAZILY).error is None
        assert switched_on(fresh, server).stdout.endswith(" · not imported yet: litellm, mlflow\n")
        assert rows(fresh.run(CALL)) == ["LLM"]


def test_what_got_round_the_hooks_is_hooked_when_the_next_cell_begins(
    environment: dict[str, str], server: demo.DemoServer, tmp_path: Path
) -> None:
    with kernel(tmp_path, environment) as fresh:
        switched_on(fresh, server)
        assert fresh.run(AROUND).error is None
        assert rows(fresh.run(CALL)) == ["LLM"]


def test_mlflow_imported_again_is_hooked_again_and_off_and_on(
    environment: dict[str, str], server: demo.DemoServer, tmp_path: Path
) -> None:
    own = f"with mlflow.start_span('own'):\n    {CALL}"
    with kernel(tmp_path, environment) as fresh:
        switched_on(fresh, server)
        assert rows(fresh.run(f"import litellm, mlflow\n{own}")) == ["own", "LLM"]
        fresh.run("%llmtrace flush")
        assert fresh.run(FORGET.format("mlflow")).error is None
        assert rows(fresh.run(own)) == ["own", "LLM"]
        assert f" · hooked: {VERSIONS['litellm']}, {VERSIONS['mlflow']} · " in fresh.run("%llmtrace").stdout
        fresh.run("%llmtrace off\n%llmtrace on")
        assert rows(fresh.run(own)) == ["own", "LLM"]
        flushed = fresh.run("%llmtrace flush\nprint(len(mlflow.search_traces(return_type='list')))").stdout
        assert flushed.endswith("the store has everything\n3\n")


@pytest.mark.slow
def test_a_library_that_is_too_old_is_said_once_and_by_the_status(
    environment: dict[str, str], server: demo.DemoServer, tmp_path: Path
) -> None:
    with kernel(tmp_path, environment) as fresh:
        switched_on(fresh, server)
        fresh.run("from ipy_llmtrace.recorder import recorder\nrecorder.MIN_VERSIONS['litellm'] = '99'")
        said = fresh.run(f"import litellm\n{CALL}").stderr
        why = f"{VERSIONS['litellm']} is too old to be traced; pip install -U 'litellm>=99'"
        assert said == f"llmtrace: {why}\n"
        assert fresh.run(CALL).stderr == ""
        assert f" · hooked: {VERSIONS['mlflow']} · {why}" in fresh.run("%llmtrace").stdout
