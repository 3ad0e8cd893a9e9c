"""MLflow's own UI: where it is."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def of_server(tracking_uri: str) -> str | None:
    """The address of the UI of a tracking server, without credentials; ``None`` where the URI is not of a server."""
    parts = urlsplit(tracking_uri)
    if parts.scheme not in ("http", "https"):
        return None
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
