"""A lone surrogate in what a model or a tool wrote costs neither its trace nor another one."""

from __future__ import annotations

from collections.abc import Iterator

import mlflow
import pytest
from recording import Said

from ipy_llmtrace.recorder import Recorder
from ipy_llmtrace.trace.lone_surrogates import replaced, replaced_in_json

HALF = "\ud83d"


def test_only_half_characters_are_replaced() -> None:
    assert replaced(f"a{HALF}b 😀 é") == "a\ufffdb 😀 é"
    assert replaced_in_json('{"a": ["\\ud83d", "\\ud83d\\ude00"]}') == '{"a": ["\\ufffd", "\\ud83d\\ude00"]}'
    assert replaced_in_json('{"a": "\\\\ud83d"}') == '{"a": "\\\\ud83d"}', "a backslash and letters are what they are"
    assert replaced_in_json("no JSON \\ud83d") == "no JSON \\ud83d"


@pytest.fixture
def said(store: str) -> Iterator[tuple[Recorder, list[str]]]:
    said: list[str] = []
    recorder = Recorder(Said(said))
    recorder.start()
    yield recorder, said
    recorder.stop()


def test_traces_with_half_characters_are_stored(said: tuple[Recorder, list[str]], caplog: pytest.LogCaptureFixture) -> None:
    recorder, lines = said

    @mlflow.trace
    def echo(text: str) -> str:
        return f"{text} {HALF}"

    echo(f"cut {HALF}")
    echo("whole")
    left = recorder.flush(lambda left: None)

    assert (left.waiting, left.lost, lines, caplog.messages) == (0, 0, [], [])
    stored = mlflow.search_traces(return_type="list")
    assert sorted(trace.data.spans[0].outputs for trace in stored) == ["cut \ufffd \ufffd", "whole \ufffd"]
