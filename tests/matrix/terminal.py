"""IPython in a terminal, a line a cell: what it prints after each."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

TIMEOUT_S = 120


class Terminal:
    """A running IPython."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: queue.Queue[str] = queue.Queue()
        self._count = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def run(self, line: str) -> str:
        """Type a line; what is printed until the next prompt."""
        self._count += 1
        end = f"<<<{self._count}>>>"
        assert self._process.stdin is not None
        # The empty line ends a compound statement.
        self._process.stdin.write(f"{line}\n\nprint('<<<' + '{self._count}>>>')\n")
        self._process.stdin.flush()
        printed: list[str] = []
        while end not in (got := self._lines.get(timeout=TIMEOUT_S)):
            printed.append(got)
        return "".join(printed)

    def leave(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.write("exit\n")
        self._process.stdin.close()
        self._reader.join(TIMEOUT_S)
        self._process.wait(TIMEOUT_S)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)


@contextmanager
def terminal(directory: Path, environment: Mapping[str, str]) -> Iterator[Terminal]:
    """IPython in ``directory`` with ``environment`` alone."""
    command = [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--no-confirm-exit", "--colors=NoColor"]
    with subprocess.Popen(
        command,
        cwd=directory,
        env=dict(environment) | {"IPYTHONDIR": str(directory / "ipython"), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        running = Terminal(process)
        try:
            yield running
        finally:
            running.leave()
