"""A message of the page reaches the handler of its kind, and nothing else happens."""

from __future__ import annotations

from typing import Any

import pytest

from ipy_llmtrace import wire
from ipy_llmtrace.views.page_dispatch import PageDispatch


@pytest.fixture
def taken() -> list[tuple[Any, ...]]:
    return []


@pytest.fixture
def dispatch(taken: list[tuple[Any, ...]]) -> PageDispatch[str]:
    found: PageDispatch[str] = PageDispatch()
    found.on(wire.Here, lambda widget, request: taken.append((widget, request["seq"])))
    found.on(wire.Resync, lambda widget, request: taken.append((widget,)))
    return found


def test_each_kind_has_its_handler(dispatch: PageDispatch[str], taken: list[tuple[Any, ...]]):
    dispatch.receive("view 1", {"kind": "here", "seq": 4})
    dispatch.receive("view 2", {"kind": "resync"})
    assert taken == [("view 1", 4), ("view 2",)]


@pytest.mark.parametrize("message", [None, 1, "here", [], {}, {"kind": 1}, {"kind": []}, {"kind": "here"}, {"kind": "other"}])
def test_what_is_no_request_is_dropped(dispatch: PageDispatch[str], taken: list[tuple[Any, ...]], message: Any):
    dispatch.receive("view", message)
    assert taken == []
