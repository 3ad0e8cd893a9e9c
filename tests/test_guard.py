"""The border around our hooks: what fails within is said once, and safely."""

from __future__ import annotations

import pytest

from ipy_llmtrace.guard import MAX_ERROR_CHARS, Guard


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise ValueError("no")


def said_of(error: Exception) -> list[str]:
    said: list[str] = []
    guard = Guard(said.append)

    @guard
    def hook() -> None:
        raise error

    assert (hook(), hook()) == (None, None)
    return said


def test_a_failure_is_said_once_with_how_to_switch_off():
    (line,) = said_of(RuntimeError("broken"))
    assert "hook failed (RuntimeError: broken)" in line
    assert line.endswith("Switch off with %llmtrace off")


def test_what_works_is_returned():
    assert Guard(pytest.fail)(lambda number: number + 1)(1) == 2


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("401 for sk-proj-abcdefghijklmnop1234567890", "sk-proj-abcdefghijklmnop1234567890"),
        ("\x1b]0;owned\x07\x1b[2Jgone", "\x1b"),
        ("first\nsecond", "\n"),
        ("\u202egnorw", "\u202e"),
    ],
)
def test_a_line_quotes_no_secret_and_nothing_that_a_terminal_obeys(text: str, hidden: str):
    (line,) = said_of(RuntimeError(text))
    assert hidden not in line


def test_a_secret_of_the_environment_is_not_quoted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MY_API_KEY", "plain-words-as-a-key")
    (line,) = said_of(RuntimeError("refused: plain-words-as-a-key"))
    assert "plain-words-as-a-key" not in line


def test_a_long_error_is_cut():
    (line,) = said_of(RuntimeError("x" * 100_000))
    assert len(line) < MAX_ERROR_CHARS + 200


def test_an_error_that_cannot_be_said_is_named():
    (line,) = said_of(Unspeakable())
    assert "hook failed (Unspeakable);" in line


def test_a_line_that_nobody_takes_hurts_nobody():
    def broken(line: str) -> None:
        raise OSError("stderr is closed")

    def hook() -> None:
        raise RuntimeError("broken")

    assert Guard(broken)(hook)() is None
