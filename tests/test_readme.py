"""The README says what the program says."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import ipy_llmtrace
from ipy_llmtrace.options import Parser, add_options

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def spelled(action: argparse.Action) -> str:
    """An option as the help spells it."""
    value = "{" + ",".join(action.choices) + "}" if action.choices else action.metavar if action.nargs != 0 else None
    return f"{action.option_strings[0]} {value}" if value else action.option_strings[0]


def test_the_table_of_options_is_the_parsers():
    parser = Parser(prog="%llmtrace on", add_help=False)
    add_options(parser)
    assert dict(re.findall(r"^\| `(--[^`]+)` \| (.+) \|$", README, re.MULTILINE)) == {
        spelled(action): action.help for action in parser._actions
    }


def test_every_subcommand_is_named():
    from ipy_llmtrace.magic import _parser

    (commands,) = [action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)]
    assert [name for name in commands.choices if f"%llmtrace {name}" not in README] == []


def test_every_public_function_is_named():
    functions = [name for name in ipy_llmtrace.__all__ if name[0].islower()]
    assert [name for name in functions if f".{name}(" not in README] == []


def test_every_file_it_points_to_is_there():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (Path(__file__).parents[1] / link).exists()] == []
