"""A tracking URI that nobody can use: one line says which, and what to do. That no call of the user fails or waits for such a
store is tested in test_stores.py."""

from __future__ import annotations

import datetime
import ipaddress
import os
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from mlflow.entities.trace_info import TraceInfo
from mlflow.entities.trace_location import TraceLocation
from mlflow.entities.trace_state import TraceState
from processes import answering, silent_port
from servers import free_port

from ipy_llmtrace.recorder.delivery.experiments import Experiments
from ipy_llmtrace.recorder.delivery.failure_reasons import reason
from ipy_llmtrace.recorder.delivery.mlflow_store import Store, Unavailable

pytestmark = pytest.mark.processes

AN_OLD_SERVER = {"/health": b"OK", "/version": b"2.9.2"}


def said(uri: str) -> str:
    """Why a trace cannot go to ``uri``, which stands as ``URI`` in it, without the password."""
    trace = TraceInfo("tr-1", TraceLocation.from_experiment_id("0"), request_time=0, state=TraceState.OK).to_dict()
    store = Store(uri, Experiments(uri))

    def put() -> None:
        store.check()
        store.put([{"trace": trace, "workspace": None}])

    with pytest.raises(Unavailable) as found:
        put()
    assert "secret" not in str(found.value)
    return str(found.value).replace(uri.replace("ada:secret@", ""), "URI")


@pytest.mark.parametrize("login", ["ada:secret", "ada:p@secret", "ada:p/secret"])
def test_what_a_driver_says_is_quoted_without_its_password(login: str) -> None:
    error = RuntimeError(f"no driver for odd://{login}@db/traces?password=secret (install one)\nat line 1")
    assert reason(error, "odd://db") == "odd://db: no driver for odd://db/traces (install one)"


def test_a_page_in_one_line_is_cut() -> None:
    line = reason(RuntimeError("<html>" + "x" * 1_000_000), "odd://db")
    assert line == f"odd://db: <html>{'x' * 223}…"


def test_a_host_that_does_not_exist() -> None:
    line = said("http://ada:secret@tracking.invalid:5000")
    assert line == "URI is not found (is the name of the host right?)"


def test_a_port_at_which_nothing_listens() -> None:
    line = said(f"http://ada:secret@127.0.0.1:{free_port()}")
    assert line == "URI refuses connections (is the server running, and is this its port?)"


def test_a_port_of_something_else() -> None:
    with answering(404) as (port, _):
        line = said(f"http://127.0.0.1:{port}")
    assert line == "URI is no MLflow tracking server (is it the right port?), or too old for these traces (update it)"


def test_a_server_of_an_mlflow_that_is_too_old() -> None:
    with answering(404, AN_OLD_SERVER) as (port, _):
        line = said(f"http://127.0.0.1:{port}")
    assert line == "URI is MLflow 2.9.2, too old for these traces (update it)"


@pytest.mark.parametrize(
    ("status", "what"),
    [
        (401, "wants another login (set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, in"),
        (403, "does not let this user write traces (answers 403; ask for EDIT permission on the experiment)"),
    ],
)
def test_a_server_that_knows_the_user_not_or_too_well(status: int, what: str) -> None:
    with answering(status, {"/health": b"OK"}) as (port, _):
        line = said(f"http://ada:secret@127.0.0.1:{port}")
    assert line.startswith(f"URI {what}")


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    with answering(200, certificate=self_signed(tmp_path)) as (port, _):
        line = said(f"https://ada:secret@127.0.0.1:{port}")
    assert line.startswith(
        "the certificate of URI is not trusted: self-signed certificate (MLFLOW_TRACKING_SERVER_CERT_PATH names"
    )


def test_tls_at_a_port_without_and_the_other_way_round(tmp_path: Path) -> None:
    with answering(200) as (port, _):
        assert said(f"https://127.0.0.1:{port}") == "URI does not speak TLS (http:// instead of https://?)"
    with answering(200, certificate=self_signed(tmp_path)) as (port, _):
        line = said(f"http://127.0.0.1:{port}")
    assert line == "URI breaks the connection (https:// instead of http://?)"


def test_a_port_that_accepts_and_stays_silent() -> None:
    with silent_port() as port:
        line = said(f"http://127.0.0.1:{port}")
    assert line == "URI does not answer (is it the right port, or overloaded?)"


@pytest.mark.parametrize(
    ("uri", "line"),
    [
        ("sqlite:////nowhere/mlflow.db", "URI cannot be opened (is its directory there, and may you write in it?)"),
        ("./mlruns", "URI is a directory, and MLflow keeps traces in databases (sqlite:///mlflow.db, say)"),
        ("mysql+nodriver://ada:secret@127.0.0.1/traces", "URI: Can't load plugin: sqlalchemy.dialects:mysql.nodriver"),
    ],
)
def test_a_database_that_cannot_be(uri: str, line: str) -> None:
    assert said(uri) == line


def test_a_database_that_is_a_directory(tmp_path: Path) -> None:
    assert said(f"sqlite:///{tmp_path}") == "URI is a directory (URI/mlflow.db would be a file in it)"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_database_that_is_a_pipe_or_a_device(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mlflow.db")
    for path in (tmp_path / "mlflow.db", "/dev/full"):
        assert said(f"sqlite:///{path}") == "URI is not a regular file, and no database can be in it"


def test_a_database_that_is_another_file(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("a letter, say, of more than a hundred characters " * 3)
    assert said(f"sqlite:///{tmp_path / 'mlflow.db'}") == "URI is not a SQLite database (is it the right file?)"


def self_signed(directory: Path) -> Path:
    """A certificate for 127.0.0.1, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = directory / "certificate.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
