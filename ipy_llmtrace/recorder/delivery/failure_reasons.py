"""Why a store does not take what it is given: one line that names the store, without passwords, and says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ...tracking_uri import masked

MAX_CHARS = 240

_READ_CHARS = 4 * MAX_CHARS
"""Of what a driver or a server says, which may be a page: an address with a long query is shown shorter than it is."""


def reason(error: BaseException, uri: str) -> str:
    """Why ``error`` came of using the store at ``uri``: the innermost cause says it best."""
    place = masked(uri)
    causes = list(_causes(error))
    known = (said(cause, place) for cause in reversed(causes) for said in (_connection, _status, _database))
    text = next((line for line in known if line), None) or f"{place}: {_first_line(causes[-1])}"
    return text if len(text) <= MAX_CHARS else text[: MAX_CHARS - 1] + "…"


def status(code: int, place: str) -> str:
    """What an HTTP status means. ``place`` is a masked URI."""
    if code == 401:
        return (
            f"{place} wants another login (set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or "
            "MLFLOW_TRACKING_TOKEN, in os.environ)"
        )
    if code == 403:
        return f"{place} does not let this user write traces (answers 403; ask for EDIT permission on the experiment)"
    if code in (404, 405):
        return f"{place} is no MLflow tracking server (is it the right port?), or too old for these traces (update it)"
    return f"{place} answers {code} ({'wait' if code == 429 else 'its log says why'})"


def _connection(error: BaseException, place: str) -> str | None:
    name, text = type(error).__name__, str(error)
    if name == "gaierror":
        return f"{place} is not found (is the name of the host right?)"
    if isinstance(error, ConnectionRefusedError) or "Connection refused" in text:
        return f"{place} refuses connections (is the server running, and is this its port?)"
    if name == "SSLCertVerificationError":
        why = getattr(error, "verify_message", "") or "unknown issuer"
        return f"the certificate of {place} is not trusted: {why} (MLFLOW_TRACKING_SERVER_CERT_PATH names the file of its CA)"
    if name == "SSLError" and any(
        part in text for part in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL")
    ):
        return f"{place} does not speak TLS (http:// instead of https://?)"
    if name in ("SSLError", "SSLEOFError", "SSLZeroReturnError"):
        return f"{place} breaks off in TLS ({_first_line(error)})"
    if isinstance(error, TimeoutError) or name in ("ConnectTimeout", "ReadTimeout", "ConnectTimeoutError", "ReadTimeoutError"):
        return f"{place} does not answer (is it the right port, or overloaded?)"
    if "Connection aborted" in text or isinstance(error, ConnectionResetError):
        return f"{place} breaks the connection (https:// instead of http://?)"
    if name == "BadStatusLine":
        return f"{place} does not speak HTTP (is it the right port?)"
    return None


def _status(error: BaseException, place: str) -> str | None:
    found = re.search(r"failed with error code (\d{3})", str(error))
    if found is None and type(error).__name__ == "RestException":
        # MLflow's servers say these in JSON.
        found = re.match(r"(PERMISSION_DENIED|UNAUTHENTICATED)", str(error))
        return None if found is None else status({"PERMISSION_DENIED": 403, "UNAUTHENTICATED": 401}[found[1]], place)
    return None if found is None else status(int(found[1]), place)


def _database(error: BaseException, place: str) -> str | None:
    text = str(error)
    if isinstance(error, ModuleNotFoundError):
        return f"{place} needs the package {error.name} (pip install 'mlflow[db]')"
    if isinstance(error, IsADirectoryError):
        return f"{place} is a directory ({place.rstrip('/')}/mlflow.db would be a file in it)"
    for sign, says in _DATABASE.items():
        if sign in text:
            return says(place)
    return None


_DATABASE: dict[str, Callable[[str], str]] = {
    "unable to open database file": lambda at: f"{at} cannot be opened (is its directory there, and may you write in it?)",
    "file is not a database": lambda at: f"{at} is not a SQLite database (is it the right file?)",
    "not a regular file": lambda at: f"{at} is not a regular file, and no database can be in it",
    "database is locked": lambda at: f"{at} is locked by another process (database is locked)",
    "readonly database": lambda at: f"{at} cannot be written (may you write it, and in its directory?)",
    "out-of-date database schema": lambda at: f"{at} is of an older MLflow (back it up, then: mlflow db upgrade {at})",
    "Can't locate revision": lambda at: f"{at} is of a newer MLflow (pip install -U mlflow, and restart the kernel)",
    "in maintenance mode": lambda at: f"{at} is a directory, and MLflow keeps traces in databases (sqlite:///mlflow.db, say)",
    "password authentication failed": lambda at: f"{at} wants another user or password",
    "unsupported URI": lambda at: f"{at} is no address that MLflow knows (http://HOST:PORT or sqlite:///FILE.db, say)",
}


def _first_line(error: BaseException) -> str:
    line = next(iter(str(error).strip()[:_READ_CHARS].splitlines()), type(error).__name__)
    return re.sub(r"[\w+.-]{1,40}://\S+", lambda uri: masked(uri[0]), line)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or at.__context__
