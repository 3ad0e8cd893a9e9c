"""With LiteLLM's disk cache a notebook passes nbval, whatever its model would say now."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from ipy_llmtrace import demo

pytestmark = pytest.mark.notebook

CELLS = [
    """\
%load_ext ipy_llmtrace
%llmtrace on --tracking-uri sqlite:///mlflow.db
import litellm
litellm.cache = litellm.Cache(type="disk", disk_cache_dir="replies")""",
    """\
call = {"model": "MODEL", "caching": True, "max_retries": 0}
print(litellm.completion(messages=[{"role": "user", "content": "A haiku, please"}], **call).choices[0].message.content)""",
]


@pytest.fixture
def environment(server: demo.DemoServer) -> dict[str, str]:
    ours = {"OPENAI_API_KEY": "demo", "OPENAI_BASE_URL": server.url, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "LITELLM_", "LLMTRACE"))}
    return inherited | ours | {"MLFLOW_DISABLE_TELEMETRY": "true"}


def execute(path: Path, environment: dict[str, str]) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute(
        env=environment
    )
    nbformat.write(notebook, path)


def test_a_notebook_with_cached_replies_passes_nbval(server: demo.DemoServer, environment: dict[str, str], tmp_path: Path):
    pytest.importorskip("litellm.caching.disk_cache", reason="LiteLLM has no cache on disk since 1.110")
    path = tmp_path / "cached.ipynb"
    cells = [nbformat.v4.new_code_cell(cell.replace("MODEL", server.model)) for cell in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    execute(path, environment)  # fills the cache
    nobody = environment | {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    execute(path, nobody)  # what nbval compares with
    module = [sys.executable, "-m"]
    sanitize = subprocess.run([*module, "ipy_llmtrace", "nbval-sanitize"], capture_output=True, text=True, check=True)
    nbval = [
        *module,
        "pytest",
        "--nbval",
        "--nbval-sanitize-with",
        sanitize.stdout.strip(),
        "-p",
        "no:cacheprovider",
        path.name,
    ]
    ran = subprocess.run(nbval, cwd=tmp_path, env=nobody, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout[-4000:]
