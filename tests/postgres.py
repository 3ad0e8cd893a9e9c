"""A PostgreSQL server as Debian has it, on a free port of 127.0.0.1 with a data directory of its own."""

from __future__ import annotations

import contextlib
import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from servers import free_port

USER = "nobody"
"""Who runs it when the tests run as root, whom PostgreSQL refuses."""


def binaries() -> Path | None:
    """Where ``initdb`` and ``pg_ctl`` are; Debian keeps them off the path."""
    found = shutil.which("initdb")
    paths = [found] if found else sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    return Path(paths[-1]).parent if paths else None


@contextlib.contextmanager
def postgres(settings: str = "") -> Iterator[str]:
    """A new and empty database: its SQLAlchemy address. ``settings`` are more of ``postgres``'s options."""
    tools = binaries()
    assert tools is not None, "apt-get install postgresql"
    # Not below pytest's own directory, which only its owner may enter.
    with tempfile.TemporaryDirectory(prefix="llmtrace-postgres-", ignore_cleanup_errors=True) as directory:
        other_user: list[str] = []
        if os.geteuid() == 0:
            user = pwd.getpwnam(USER)
            os.chown(directory, user.pw_uid, user.pw_gid)
            other_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        data, port = f"{directory}/data", free_port()

        def run(tool: str, *arguments: str) -> None:
            subprocess.run(
                [*other_user, tools / tool, "-D", data, *arguments], check=True, cwd=directory, stdout=subprocess.DEVNULL
            )

        run("initdb", "--username=mlflow", "--auth=trust", "--encoding=UTF8", "--no-sync")
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={directory} -c max_connections=200"
        run("pg_ctl", "start", "--wait", f"--log={directory}/log", f"--options={options} {settings}")
        try:
            yield f"postgresql+psycopg2://mlflow@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "stop", "--mode=immediate")
