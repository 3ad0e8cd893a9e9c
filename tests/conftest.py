"""Fixtures shared by every room's tests, and the proof that none of them leaves anything behind."""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from IPython import get_ipython
from servers import TrackingServer, tracking_server

from ipy_llmtrace import demo
from ipy_llmtrace.recorder.mlflow_environment import EXPORT_SETTINGS

# No test speaks to anything but the demo server: no price map from the network, no telemetry.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
# What is not stored yet is not kept for the user's next kernel.
os.environ["LLMTRACE_SPOOL"] = tempfile.mkdtemp(prefix="llmtrace-spool-")

_spools = itertools.count()

CALLBACK_LISTS = ("callbacks", "input_callback", "success_callback", "failure_callback", "_async_success_callback")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "store" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.database)


def _footprint() -> dict[str, Any]:
    """What of the process the package may change while it is on."""
    found: dict[str, Any] = {
        "Thread.start": threading.Thread.start,
        "ThreadPoolExecutor.submit": ThreadPoolExecutor.submit,
        # Libraries that are imported for the first time put finders of theirs there.
        "sys.meta_path": [f for f in sys.meta_path if type(f).__module__.startswith("ipy_llmtrace.")],
        "threads": sorted(t.name for t in threading.enumerate() if t.name == "llmtrace-feed"),
        "environ": {name: os.environ.get(name) for name in EXPORT_SETTINGS},
    }
    if (shell := get_ipython()) is not None:
        bundles = shell.display_formatter.mimebundle_formatter
        found["formatters"] = {**bundles.type_printers, **bundles.deferred_printers}
    if (litellm := sys.modules.get("litellm")) is not None:
        from litellm.litellm_core_utils.streaming_handler import CustomStreamWrapper

        found["stream"] = (CustomStreamWrapper.__next__, CustomStreamWrapper.__anext__)
        found["callbacks"] = {name: [type(c).__name__ for c in getattr(litellm, name)] for name in CALLBACK_LISTS}
    if "mlflow" in sys.modules:
        import mlflow.tracing.provider as provider

        found["_get_span_processors"] = provider._get_span_processors
        found["should_use_otlp_exporter"] = vars(provider)["should_use_otlp_exporter"]
        found["MLflow's display"] = sys.modules["mlflow.tracing.display"].IPythonTraceDisplayHandler.disabled
    return found


@pytest.fixture(autouse=True)
def spool_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test leaves undelivered is not the next one's."""
    monkeypatch.setenv("LLMTRACE_SPOOL", str(tmp_path_factory.getbasetemp() / f"spool-{next(_spools)}"))


@pytest.fixture(autouse=True)
def nothing_stays_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    # What the libraries set up when they are first imported is theirs.
    if "uses_libraries" in request.fixturenames:
        request.getfixturevalue("uses_libraries")
    before = _footprint()
    yield
    after = _footprint()
    assert {name: after[name] for name in before} == before


@pytest.fixture(scope="session")
def uses_libraries() -> None:
    """Imports LiteLLM and MLflow, once for all tests that call through them."""
    import litellm  # noqa: F401
    import mlflow.litellm  # noqa: F401


@pytest.fixture(scope="session")
def server() -> Iterator[demo.DemoServer]:
    """The demo server, without waiting between the pieces of a stream."""
    with demo.start(pace=0) as running:
        yield running


@pytest.fixture(scope="session")
def store_uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('store') / 'mlflow.db'}"


@pytest.fixture
def store(uses_libraries: None, store_uri: str, request: pytest.FixtureRequest) -> str:
    """A real MLflow store, with an experiment of this test's own that is the active one: its tracking URI."""
    import mlflow

    mlflow.set_tracking_uri(store_uri)
    mlflow.set_experiment(request.node.name)
    return store_uri


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingServer]:
    """A real MLflow tracking server on SQLite, with artifacts on disk; started by the first test that asks for it."""
    with tracking_server(tmp_path_factory.mktemp("tracking-server")) as running:
        running.wait()
        yield running
