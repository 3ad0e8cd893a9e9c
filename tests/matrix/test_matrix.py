"""Every row of the matrix, with us: one kernel, a test a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from matrix import Matrix, matrix
from row import COLUMNS, Row
from rows import ROWS, available
from verdict import judge

pytestmark = pytest.mark.notebook


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    directory = tmp_path_factory.mktemp("matrix")
    with matrix("ours", directory, f"sqlite:///{directory}/mlflow.db") as started:
        yield started


def _parameter(row: Row) -> Any:
    missing = pytest.mark.skipif(not available(row), reason=f"needs {row.extra}")
    return pytest.param(row, id=row.id, marks=[missing, pytest.mark.slow] if row.slow else [missing])


@pytest.mark.parametrize("row", [_parameter(row) for row in ROWS])
def test_what_a_notebook_calls_is_recorded_right(running: Matrix, row: Row) -> None:
    verdicts = judge(row, running.run(row))
    assert {COLUMNS[column]: verdict.whys for column, verdict in verdicts.items() if verdict.fine is False} == {}
