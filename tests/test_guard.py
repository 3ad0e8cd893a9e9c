"""The border around our hooks: what fails within is said once, and safely."""

from __future__ import annotations

import functools

import pytest

from ipy_llmtrace.guard import MAX_ERROR_CHARS, MAX_KINDS, Guard
from ipy_llmtrace.render import format


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


def test_each_kind_of_failure_is_said_once_and_counted():
    said: list[str] = []
    guard = Guard(said.append)

    @guard
    def one(error: Exception) -> None:
        raise error

    @guard
    def other() -> None:
        raise ValueError("c")

    for _ in range(3):
        one(ValueError("a"))
    one(TypeError("b"))
    other()
    assert [line.partition(";")[0].rpartition(".")[2] for line in said] == [
        "one failed (ValueError: a)",
        "one failed (TypeError: b)",
        "other failed (ValueError: c)",
    ]
    assert [str(failure).rpartition(".")[2] for failure in guard.failures()] == [
        "one 3 times (ValueError: a)",
        "one once (TypeError: b)",
        "other once (ValueError: c)",
    ]
    guard.say_again()
    one(ValueError("d"))
    assert len(said) == 4
    assert guard.failures()[0].count == 4


def test_one_hook_that_fails_in_two_functions_of_the_package_fails_in_two_ways():
    guard = Guard(lambda line: None)
    guard(lambda: format.count(None, "span"))()  # pyright: ignore[reportArgumentType]
    guard(lambda: format.one_line(None, 10))()  # pyright: ignore[reportArgumentType]
    assert len(guard.failures()) == 2


def test_kinds_without_end_are_counted_together():
    said: list[str] = []
    guard = Guard(said.append)
    for number in range(MAX_KINDS + 50):
        guard.report(f"hook {number}", ValueError("a"))
    assert len(said) == MAX_KINDS + 1
    assert str(guard.failures()[-1]) == "others 50 times (ValueError: a)"


def test_what_has_no_name_may_fail_too():
    assert Guard(lambda line: None)(functools.partial(int, "no"))() is None


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
