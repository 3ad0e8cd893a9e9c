"""``python -m ipy_llmtrace.mlflow_ui.ends_with_us COMMAND...``: runs a command until it ends, or standard input ends or brings
a byte.

The other end of standard input is a pipe in the process that must not be outlived: it closes however that process ends, also by
SIGKILL, and without its help. The byte is for while that lives: processes that it has forked hold the pipe open, too.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading

END_S = 5.0
"""How long the command may take to end when it is asked to."""


def main() -> None:
    """Does not return."""
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_wait, args=(child,), daemon=True).start()
    sys.stdin.buffer.read(1)
    _end(child)


def _wait(child: subprocess.Popen[bytes]) -> None:
    code = child.wait()
    os._exit(code if code >= 0 else 1)


def _end(child: subprocess.Popen[bytes]) -> None:
    _signal(child, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(END_S)
    # What it has started and not ended itself, too.
    _signal(child, getattr(signal, "SIGKILL", signal.SIGTERM))


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(child.pid, number)
        else:
            child.terminate()


if __name__ == "__main__":
    main()
