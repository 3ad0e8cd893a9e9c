"""What a notebook says of faults, in a real kernel: bad files among the spools, and what must not count as a fault."""

from __future__ import annotations

import http.server
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kernel import Kernel, kernel
from spool_faults import bad_path, left_behind

from ipy_llmtrace import demo
from ipy_llmtrace.recorder.delivery.spool_record import Record

pytestmark = pytest.mark.notebook


@pytest.fixture(scope="module")
def spools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spools")


@pytest.fixture(scope="module")
def running(server: demo.DemoServer, spools: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "LITELLM_", "LLMTRACE"))}
    ours = {
        "OPENAI_API_KEY": "demo",
        "OPENAI_BASE_URL": server.url,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "LLMTRACE_SPOOL": str(spools),
    }
    with kernel(tmp_path_factory.mktemp("kernel"), inherited | ours) as started:
        started.run(f"%load_ext ipy_llmtrace\n%llmtrace on\nimport litellm, os\nMODEL = {server.model!r}")
        yield started


CALL = "litellm.completion(MODEL, [{'role': 'user', 'content': 'hello'}]).choices[0].message.content;"


def test_bad_files_are_listed_and_deleted_on_request(running: Kernel, spools: Path) -> None:
    bad = [bad_path(spools, f"sqlite:////another/{number}.db") for number in range(2)]
    bad[0].mkdir()
    bad[1].symlink_to("/dev/full")
    good = left_behind(spools, "sqlite:////another.db", [Record("span", "tr-1", b"{}")])

    status = running.run("%llmtrace").stdout
    listed = sorted([f"{bad[0]} is a directory", f"{bad[1]} is a symbolic link"])
    assert f"set aside: {'; '.join(listed)} (%llmtrace flush --discard deletes them)" in status

    flushed = running.run("%llmtrace flush").stdout
    assert "set aside: " in flushed
    discarded = running.run("%llmtrace flush --discard")
    assert discarded.error is None
    assert discarded.stdout.startswith("llmtrace: 2 files deleted\n")
    assert "set aside" not in discarded.stdout
    assert "set aside" not in running.run("%llmtrace").stdout
    assert not any(os.path.lexists(path) for path in bad)
    assert good.exists()


def test_a_chunk_with_a_number_as_content_is_no_failure(running: Kernel) -> None:
    chunks = [{"role": "assistant", "content": 5}, {"content": "five"}, {"content": [1]}, {"content": True}]
    with streaming(chunks) as url:
        call = (
            f"litellm.completion('openai/gpt-4o-mini', [{{'role': 'user', 'content': 'hello'}}], api_base={url!r}, stream=True)"
        )
        ran = running.run(f"try:\n    [chunk for chunk in {call}]\nexcept Exception as error:\n    print(type(error))")
    assert "llmtrace:" not in ran.stderr
    assert ran.views
    assert "failures of llmtrace" not in running.run("%llmtrace").stdout


def test_a_working_directory_that_was_removed_is_no_failure(running: Kernel, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    running.run(f"before = os.getcwd()\nos.chdir({str(tmp_path / 'gone')!r})\nos.rmdir(os.getcwd())")
    try:
        ran = running.run(CALL)
        again = running.run("%llmtrace off\n%llmtrace on")
        later = running.run(CALL)  # of which MLflow says that it cannot trace it
        asked = running.run("%llmtrace on --tracking-uri sqlite:///mlflow.db")
        status = running.run("%llmtrace").stdout
    finally:
        running.run("os.chdir(before)")
    for each in (ran, again, later):
        assert each.error is None
        assert "llmtrace:" not in each.stderr
    assert ran.views
    assert "failures of llmtrace" not in status
    assert "Traceback" not in asked.stderr + asked.stdout
    assert "the kernel's directory is gone" in asked.stdout + asked.stderr


def test_failures_are_counted_in_the_status(running: Kernel) -> None:
    running.run("%llmtrace on")
    source = """
import mlflow
from ipy_llmtrace.recorder.delivery import gathering
original = gathering.Gathering.take
def take(self, **kwargs):
    raise LookupError("taken away")
gathering.Gathering.take = take
mlflow.flush_trace_async_logging(); mlflow.flush_trace_async_logging()
gathering.Gathering.take = original
"""
    ran = running.run(source)
    assert ran.error is None
    assert ran.stderr.count("llmtrace: Outbox failed (LookupError: taken away)") == 1
    assert "failures of llmtrace itself: Outbox 2 times (LookupError: taken away)" in running.run("%llmtrace").stdout


@contextmanager
def streaming(deltas: list[dict[str, Any]]) -> Iterator[str]:
    """A server that answers every request with a stream of these deltas: its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for delta in [*deltas, None]:
                choice = {"index": 0, "delta": delta or {}, "finish_reason": None if delta else "stop"}
                chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
                self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.wfile.write(b"data: [DONE]\n\n")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()
