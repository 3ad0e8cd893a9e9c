"""Arize Phoenix shows what comes by OTLP as what it is.

It is installed in an environment of its own, once, because it wants other versions of what we use.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import pytest
from recording import Said
from servers import free_port

from ipy_llmtrace import demo
from ipy_llmtrace.recorder import Recorder

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

ENVIRONMENT = Path(__file__).parents[2] / "output" / "phoenix"
START_S = 300.0


@dataclass
class Phoenix:
    http_port: int
    grpc_port: int

    def spans(self) -> list[dict[str, Any]]:
        url = f"http://127.0.0.1:{self.http_port}/v1/projects/default/spans?limit=100"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)["data"]


def until(found: Callable[[], Any]) -> Any:
    end = time.monotonic() + START_S
    while True:
        try:
            if value := found():
                return value
        except OSError:
            pass
        assert time.monotonic() < end
        time.sleep(0.2)


@pytest.fixture(scope="module")
def phoenix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phoenix]:
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "arize-phoenix>=20"], check=True)
    started = Phoenix(free_port(), free_port())
    directory = tmp_path_factory.mktemp("phoenix")
    variables = {
        "PHOENIX_WORKING_DIR": str(directory),
        "PHOENIX_HOST": "127.0.0.1",
        "PHOENIX_PORT": str(started.http_port),
        "PHOENIX_GRPC_PORT": str(started.grpc_port),
        "PHOENIX_TELEMETRY_ENABLED": "false",
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "MLFLOW_"))}
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(python), "-m", "phoenix.server.main", "serve"], env=inherited | variables, stdout=log, stderr=log
        )
    try:
        until(lambda: urllib.request.urlopen(f"http://127.0.0.1:{started.http_port}/healthz", timeout=5))
        yield started
    finally:
        process.terminate()
        process.wait()


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_phoenix_shows_kinds_tokens_and_messages(protocol: str, phoenix: Phoenix, store: str, server: demo.DemoServer):
    import litellm

    @mlflow.trace(span_type="TOOL")
    def weather(city: str) -> dict[str, Any]:
        return {"city": city, "celsius": 20}

    @mlflow.trace(span_type="AGENT")
    def agent() -> None:
        weather("Paris")
        messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hello"}]
        litellm.completion(server.model, messages, api_base=server.url, api_key="demo")

    url = f"http://127.0.0.1:{phoenix.grpc_port if protocol == 'grpc' else phoenix.http_port}"
    recorder = Recorder(Said())
    recorder.start(otlp=url if protocol == "grpc" else f"{url}/v1/traces")
    try:
        agent()
        assert recorder.flush(lambda left: None).settled
    finally:
        recorder.stop()
    trace = mlflow.get_last_active_trace_id() or ""

    def mine() -> dict[str, dict[str, Any]]:
        found = {s["span_kind"]: s for s in phoenix.spans() if f"tr-{s['context']['trace_id']}" == trace}
        return found if len(found) == 3 else {}

    spans = until(mine)
    assert {kind: span["name"] for kind, span in spans.items()} == {
        "AGENT": "invoke_agent agent",
        "TOOL": "execute_tool weather",
        "LLM": "chat gpt-4o-mini",
    }
    assert {span["parent_id"] for kind, span in spans.items() if kind != "AGENT"} == {spans["AGENT"]["context"]["span_id"]}
    call = spans["LLM"]["attributes"]
    assert [call[f"llm.token_count.{part}"] for part in ("prompt", "completion", "total")] == [11, 8, 19]
    assert [call[f"llm.input_messages.{n}.message.content"] for n in (0, 1)] == ["Be brief.", "hello"]
    assert call["llm.output_messages.0.message.content"] == "Hello! How can I help you today?"
    assert (call["llm.model_name"], call["llm.provider"]) == ("gpt-4o-mini", "openai")
    assert spans["TOOL"]["attributes"]["tool.name"] == "weather"
