"""Real MLflow tracking servers, each in processes of its own on a free port of 127.0.0.1."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

START_S = 120.0


@dataclass
class TrackingServer:
    """A server that runs; ``database`` is what it keeps its traces in."""

    uri: str
    database: str
    process: subprocess.Popen[bytes]
    log: Path

    def wait(self) -> None:
        """Until it answers. Raises ``RuntimeError`` with its log when it ends or stays silent."""
        until = time.monotonic() + START_S
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.uri}/health", timeout=5) as answer:
                if answer.status == 200:
                    return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.2)
        raise RuntimeError(f"the tracking server did not start:\n{self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        """End it and its workers at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)
        self.process.wait()


@contextlib.contextmanager
def tracking_server(
    directory: Path,
    *,
    database: str | None = None,
    port: int | None = None,
    workers: int = 1,
    options: tuple[str, ...] = (),
    environment: Mapping[str, str] = os.environ,
) -> Iterator[TrackingServer]:
    """An MLflow server, killed at the end; `TrackingServer.wait` for it.

    Parameters
    ----------
    directory
        Where it runs, logs (``server.log``) and keeps artifacts (``files``).
    database
        A SQLAlchemy address; by default ``server.db`` in ``directory``.
    port
        By default a free one.
    options
        More of ``mlflow server``'s.
    """
    database = database or f"sqlite:///{directory / 'server.db'}"
    port = port or free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", str(workers)]
    command += ["--backend-store-uri", database, "--artifacts-destination", str(directory / "files"), *options]
    # With job execution it does not open its port for minutes on a small machine.
    environ = {**environment, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    log = directory / "server.log"
    with log.open("a") as out:
        process = subprocess.Popen(command, cwd=directory, env=environ, stdout=out, stderr=out, start_new_session=True)
        server = TrackingServer(f"http://127.0.0.1:{port}", database, process, log)
        try:
            yield server
        finally:
            server.kill()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
