"""Every row of the matrix, with us: one kernel, a test a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from matrix import Matrix, Terminals, matrix, terminals
from row import COLUMNS, Row
from rows import ROWS, available
from verdict import Observed, judge

pytestmark = pytest.mark.notebook


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    directory = tmp_path_factory.mktemp("matrix")
    with matrix("ours", directory, f"sqlite:///{directory}/mlflow.db") as started:
        yield started


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminals]:
    directory = tmp_path_factory.mktemp("terminal")
    with terminals("ours", directory, f"sqlite:///{directory}/mlflow.db") as started:
        yield started


def _parameter(row: Row) -> Any:
    missing = pytest.mark.skipif(not available(row), reason=f"needs {row.extra}")
    return pytest.param(row, id=row.id, marks=[missing, pytest.mark.slow] if row.slow else [missing])


@pytest.mark.parametrize("row", [_parameter(row) for row in ROWS if not row.terminal])
def test_what_a_notebook_calls_is_recorded_right(running: Matrix, row: Row) -> None:
    assert _against(row, running.run(row)) == {}


@pytest.mark.parametrize("row", [_parameter(row) for row in ROWS if row.terminal])
def test_what_a_terminal_calls_is_recorded_right(typed: Terminals, row: Row) -> None:
    assert _against(row, typed.run(row)) == {}


def _against(row: Row, seen: Observed) -> dict[str, tuple[str, ...]]:
    return {COLUMNS[column]: verdict.whys for column, verdict in judge(row, seen).items() if verdict.fine is False}
