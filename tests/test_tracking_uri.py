"""What is said of a tracking URI before anything is asked of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ipy_llmtrace.options import Options
from ipy_llmtrace.tracking_uri import masked, problem


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("htp://ada:secret@team:5000", "htp://team:5000: MLflow knows no 'htp'; did you mean http://team:5000?"),
        (
            "postgres://u:secret@db/traces",
            "postgres://db/traces: MLflow knows no 'postgres'; did you mean postgresql://db/traces?",
        ),
        ("localhost:5000", "localhost:5000 lacks its beginning: http://localhost:5000?"),
        ("mongodb://u:secret@db", "mongodb://db: MLflow knows no 'mongodb'; it knows http, https, sqlite, postgresql"),
        ("http://", "http:// names no server; http://HOST:PORT would, with a port from 1 to 65535"),
        ("http:/team:5000", "http:/team:5000 names no server;"),
        ("http://team:99999", "http://team:99999 names no server;"),
        ("http://te am", "'http://te am' is no tracking URI; http://HOST:PORT or sqlite:////ABSOLUTE/PATH.db"),
        ("", "'' is no tracking URI;"),
        ("sqlite://mlflow.db", "sqlite://mlflow.db names no file; with three slashes before a relative path, four before"),
        ("sqlite://", "sqlite:// is a database in memory, which nobody else sees;"),
        ("sqlite:///nowhere/mlflow.db", "sqlite:///nowhere/mlflow.db: there is no directory {here}/nowhere; make it first"),
        ("sqlite:///.", "sqlite:///. is a directory; sqlite:///./mlflow.db would be a file in it"),
        ("./mlruns", "./mlruns is a directory to MLflow, which keeps traces in databases and on servers:"),
        ("file:///tmp/mlruns", "file:///tmp/mlruns is a directory to MLflow"),
    ],
)
def test_what_cannot_be_used_is_said_with_what_may_be_meant(
    uri: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = problem(uri)
    assert found is not None
    assert found.startswith(says.format(here=tmp_path))
    assert "secret" not in found
    assert "\n" not in found
    with pytest.raises(ValueError, match=re.escape(found)):
        Options(tracking_uri=uri)


@pytest.mark.parametrize(
    "uri",
    [
        "http://team:5000",
        "https://ada:secret@team.example/mlflow",
        "http://[::1]:5000",
        "sqlite:///mlflow.db",
        "sqlite:////tmp/mlflow.db?timeout=60",
        "postgresql+psycopg2://u:secret@db:5432/traces",
        "mysql://db/traces",
        "databricks",
        "databricks://profile",
    ],
)
def test_what_may_work_is_not_spoken_against(uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert problem(uri) is None
    assert Options(tracking_uri=uri).tracking_uri == uri


def test_directories_are_taken_where_mlflow_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    assert problem("./mlruns") is None


def test_a_uri_is_shown_without_what_is_secret_in_it() -> None:
    assert masked("https://ada:p%40ss:w@rd@team:5000/x?token=1") == "https://team:5000/x"
    assert masked("postgresql://ada:p/w1@db/traces?password=hunter") == "postgresql://db/traces"
    assert masked("http://team:5000/of@ada") == "http://team:5000/of@ada"
