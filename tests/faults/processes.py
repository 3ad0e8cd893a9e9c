"""Processes that trace, stores that fail, and what a store holds."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PRELUDE = "from traced import *\n"


class Traced:
    """A process that runs ``code`` after `traced`; a context manager that kills it at the end.

    Parameters
    ----------
    directory
        Where it runs, with its spool in ``spool`` and MLflow's default database.
    """

    def __init__(self, code: str, directory: Path, **environment: str) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
        path = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
        environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "LLMTRACE_SPOOL": str(directory / "spool"), "PYTHONPATH": path}
        self.directory = directory
        self._stderr = (directory / "stderr").open("a+")
        self.process = subprocess.Popen(
            [sys.executable, "-c", PRELUDE + code],
            cwd=directory,
            env=environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
        )

    def __enter__(self) -> Traced:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
        self._stderr.close()

    def told(self, key: str) -> Any:
        """The value it tells next under ``key``; what it tells before is passed over."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            facts = json.loads(line)
            if key in facts:
                return facts[key]
        raise AssertionError(f"it ended without telling {key!r}:\n{self.stderr}")

    def go_on(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self) -> None:
        """Wait for its own end, which must be a good and quiet one."""
        self.process.communicate()
        assert (self.process.returncode, self.stderr) == (0, "")

    @property
    def stderr(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read()


def stored(database: Path) -> dict[str, int]:
    """The number of spans of each trace that a SQLite store holds whole: with its own record, and with inputs."""
    if not database.exists():
        return {}
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'spans'").fetchone():
            return {}
        whole = "SELECT request_id FROM trace_info WHERE status = 'OK' AND trace_name IS NOT NULL"
        found = {trace_id: 0 for (trace_id,) in connection.execute(whole)}
        for trace_id, content in connection.execute("SELECT trace_id, content FROM spans"):
            if trace_id in found and "mlflow.spanInputs" in json.loads(content)["attributes"]:
                found[trace_id] += 1
    return found


def spooled(directory: Path) -> list[Path]:
    """The spool files that hold something."""
    return [path for path in (directory / "spool").glob("*.jsonl") if path.stat().st_size]


@contextlib.contextmanager
def silent_port() -> Iterator[int]:
    """A port that accepts and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield listening.getsockname()[1]


@dataclass
class Answers:
    """A server that answers every request with ``status``, but those of the ``paths`` that it has."""

    status: int
    paths: dict[str, bytes] = field(default_factory=dict[str, bytes])
    requests: list[str] = field(default_factory=list[str])


@contextlib.contextmanager
def answering(
    status: int, paths: dict[str, bytes] | None = None, certificate: Path | None = None
) -> Iterator[tuple[int, Answers]]:
    """An HTTP server on 127.0.0.1, with TLS if there is a ``certificate`` (with its key in the same file): its port."""
    answers = Answers(status, paths or {})

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.requests.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = answers.paths.get(self.path)
            self.send_response(answers.status if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1], answers
        server.shutdown()
