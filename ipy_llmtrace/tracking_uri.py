"""What can be known of a tracking URI without asking anybody: whether MLflow could use it, and how to show it."""

from __future__ import annotations

import os
import re
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

SCHEMES = ("http", "https", "sqlite", "postgresql", "mysql", "mssql", "databricks", "databricks-uc", "uc", "file")
"""MLflow's own; plugins bring more (entry points ``mlflow.tracking_store``)."""

_FOUR_SLASHES = "sqlite:////ABSOLUTE/PATH.db or sqlite:///RELATIVE/PATH.db"


def problem(uri: str) -> str | None:
    """Why no traces can go to ``uri``, with what might be meant; ``None`` when nothing speaks against it. No network."""
    scheme, separator, rest = uri.partition(":")
    if not uri.strip() or re.search(r"\s", uri):
        return f"{masked(uri)!r} is no tracking URI; http://HOST:PORT or {_FOUR_SLASHES} would be"
    if not separator or len(scheme) == 1 or scheme == "file":
        return None if uri in SCHEMES else _directory(uri)
    name = scheme.partition("+")[0]
    if name not in SCHEMES and name not in {entry.name for entry in metadata.entry_points(group="mlflow.tracking_store")}:
        return _unknown(uri, name, rest)
    if name in ("http", "https"):
        return _server(uri)
    return _file(uri) if name == "sqlite" else None


def masked(uri: str) -> str:
    """``uri`` without user, password and query."""
    # The second form: a database's password may hold a slash; digits before a slash are a port.
    return re.sub(r"\?.*", "", re.sub(r"://(?:[^/]*@|[^/:@]*:(?!\d+/)[^@]*@)", "://", uri))


def from_here(text: str) -> str:
    """``text`` with SQLite files as they are named in the kernel's directory: their whole path would be noise in every view."""
    try:
        return text.replace(f"sqlite:///{os.getcwd()}{os.sep}", "sqlite:///")
    except OSError:  # that directory is gone
        return text


def absolute(uri: str) -> str:
    """The same store's name in every process: a relative SQLite path with the directory it is relative to."""
    prefix = "sqlite:///"
    path = uri.removeprefix(prefix)
    if path == uri or path.startswith(("/", ":memory:")) or not path:
        return uri
    try:
        return prefix + os.path.abspath(path)
    except OSError:  # that directory is gone
        return uri


def _unknown(uri: str, name: str, rest: str) -> str:
    from difflib import get_close_matches  # not before it is needed: %load_ext is to be quick

    if re.fullmatch(r"\d+(/.*)?", rest):
        return f"{masked(uri)} lacks its beginning: http://{masked(uri)}?"
    close = get_close_matches({"postgres": "postgresql"}.get(name, name), SCHEMES, n=1)
    meant = f"did you mean {masked(close[0] + uri[len(name) :])}?" if close else f"it knows {', '.join(SCHEMES)}"
    return f"{masked(uri)}: MLflow knows no {name!r}; {meant}"


def _server(uri: str) -> str | None:
    try:
        parts = urlsplit(uri)
        if parts.hostname and (parts.port is None or parts.port > 0):
            return None
    except ValueError:
        pass
    return f"{masked(uri)} names no server; http://HOST:PORT would, with a port from 1 to 65535"


def _directory(uri: str) -> str | None:
    if os.environ.get("MLFLOW_ALLOW_FILE_STORE", "").lower() in ("true", "1"):
        return None
    return (
        f"{uri} is a directory to MLflow, which keeps traces in databases and on servers: sqlite:///mlflow.db or "
        "http://HOST:PORT, say (MLFLOW_ALLOW_FILE_STORE=true allows directories)"
    )


def _file(uri: str) -> str | None:
    path = re.sub(r"^sqlite(\+\w+)?:", "", uri.partition("?")[0])
    if path in ("//", "///", "///:memory:"):
        return f"{uri} is a database in memory, which nobody else sees; {_FOUR_SLASHES} is a file"
    if not path.startswith("///"):
        return f"{uri} names no file; with three slashes before a relative path, four before an absolute one: {_FOUR_SLASHES}"
    file = Path(path.removeprefix("///"))
    if file.is_dir():
        return f"{uri} is a directory; {uri.rstrip('/')}/mlflow.db would be a file in it"
    try:
        directory = file.absolute().parent
    except OSError:
        return f"{uri}: the kernel's directory is gone; %cd to another, or name the file with four slashes: {_FOUR_SLASHES}"
    return None if directory.is_dir() else f"{uri}: there is no directory {directory}; make it first"
