"""Addresses of MLflow's UI: a tracking server's own, and the names that stand for those that the kernel serves."""

from __future__ import annotations

import hashlib
import secrets
from urllib.parse import urlsplit, urlunsplit

_KEY = secrets.token_bytes(16)


def ui_name(store: str) -> str:
    """What stands in a link for the address of the UI that the kernel serves of this store. It says nothing of the tracking
    URI, which may hold a password, and another process has another."""
    return hashlib.blake2s(store.encode(), key=_KEY, digest_size=6).hexdigest()


def of_server(uri: str) -> str | None:
    """The address of the UI of a tracking server, without credentials; ``None`` where the tracking URI is not of a server."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
