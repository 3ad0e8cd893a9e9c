"""How a browser reaches a port of 127.0.0.1 of the machine that the kernel runs on."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(slots=True, frozen=True)
class Reach:
    """An address for the browser, without a slash at its end, and what to do where it leads nowhere."""

    address: str
    note: str = ""

    @property
    def proxied(self) -> bool:
        return self.address.startswith("/")


def reach(port: int, environ: Mapping[str, str], jupyter: Mapping[str, Any] | None, has_proxy: bool) -> Reach:
    """How a browser reaches ``port``.

    Parameters
    ----------
    environ
        The kernel's environment variables: JupyterHub and VS Code can be told by them.
    jupyter
        What the Jupyter server that runs the kernel says of itself in its runtime file, if that was found.
    has_proxy
        jupyter-server-proxy is installed.
    """
    here = f"http://127.0.0.1:{port}"
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX")
    listens = str((jupyter or {}).get("hostname", "localhost"))
    # VS Code brings the ports of a remote machine to the browser's by itself.
    if "VSCODE_PID" in environ or (prefix is None and listens in _HERE and "SSH_CONNECTION" not in environ):
        return Reach(here)
    base = prefix or str((jupyter or {}).get("base_url", ""))
    if has_proxy and base:
        return Reach(f"{base.rstrip('/')}/proxy/{port}")
    ways = ["install jupyter-server-proxy in the environment of the Jupyter server and run this again"]
    if "SSH_CONNECTION" in environ:
        ways.append(f"or run: ssh -L {port}:127.0.0.1:{port} HOST")
    return Reach(here, "if your browser is on another machine, this link leads nowhere there: " + ", ".join(ways))


def of_kernel(port: int) -> Reach:
    """How the browser that shows this kernel's notebook reaches ``port``."""
    return reach(port, os.environ, _jupyter_server(), importlib.util.find_spec("jupyter_server_proxy") is not None)


def _jupyter_server() -> Mapping[str, Any] | None:
    """The runtime file of the Jupyter server that has started this kernel."""
    try:
        from jupyter_server.serverapp import list_running_servers
    except ImportError:
        return None
    pid = os.environ.get("JPY_PARENT_PID")
    return next((found for found in list_running_servers() if str(found.get("pid")) == pid), None)
