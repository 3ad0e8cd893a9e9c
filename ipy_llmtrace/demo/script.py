"""What the model says: a pure function of the request."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace

from . import schema
from .citations import cite
from .directives import Directives
from .prompt import Call, Prompt, Reply, Tool, Turn, Usage, count_tokens

_CAPITALS = {
    "France": "Paris",
    "Germany": "Berlin",
    "Italy": "Rome",
    "Japan": "Tokyo",
    "Kenya": "Nairobi",
    "Norway": "Oslo",
    "Peru": "Lima",
    "Portugal": "Lisbon",
    "Spain": "Madrid",
}
_SAYINGS = {
    r"\bhaiku\b": "Spans open and close,\na tree grows beside the cell:\nnow I see the cost.",
    r"\b(hello|hi|hey)\b": "Hello! How can I help you today?",
    r"\btrac(e|es|ing)\b": (
        "A trace is the story of one request. Each step is a span with a beginning, an end and a parent, so that "
        "together they form a tree. Reading it from the top, you see what called what, how long it took, and what "
        "it cost. The slowest path through it is where time can be saved."
    ),
}
_FILLER = "Every call leaves a span, every span has a parent, and the tree tells what happened and what it took. "
_TRIP = ("search_flights", "search_hotels")
_TRIES = 3
_CACHE_STEP = 128
_CACHE_MIN = 1024


def answer(prompt: Prompt, wanted: Directives) -> Reply:
    """The reply to a prompt. As with OpenAI, its beginning is cached from 1,024 tokens on, by steps of 128."""
    calls = tuple(_tool_calls(prompt, wanted))
    text = "" if calls else _text(prompt, wanted)
    finish = "tool_calls" if calls else "stop"
    if prompt.max_tokens is not None and count_tokens(text) > prompt.max_tokens:
        text, finish = text[: prompt.max_tokens * 4], "length"
    reasoning = _repeat("First, what is asked here? ", wanted.reasoning * 4)
    reply = Reply(text, None, calls, reasoning, finish, cite(wanted.citations), wanted.error_after is not None)
    if not wanted.usage:
        return reply
    cached = prompt.tokens // _CACHE_STEP * _CACHE_STEP if prompt.tokens >= _CACHE_MIN else 0
    cached = cached if wanted.cached is None else min(wanted.cached, prompt.tokens)
    usage = Usage(prompt.tokens, reply.tokens * prompt.choices, cached, wanted.reasoning * prompt.choices)
    return replace(reply, usage=usage)


def _text(prompt: Prompt, wanted: Directives) -> str:
    if wanted.empty:
        return ""
    if wanted.echo is not None:
        return wanted.echo
    if wanted.length_chars is not None:
        return _repeat(_FILLER, wanted.length_chars)
    if prompt.schema:
        return json.dumps(schema.fill(prompt.schema, prompt.question))
    results = _results(prompt)
    text = _summary(prompt, results) if results else _saying(prompt)
    return text if prompt.schema is None else json.dumps({"answer": text})


def _saying(prompt: Prompt) -> str:
    country = schema.place(prompt.question, {"of"})
    if "capital" in prompt.question.lower() and country in _CAPITALS:
        return f"The capital of {country} is {_CAPITALS[country]}."
    for pattern, saying in _SAYINGS.items():
        if re.search(pattern, prompt.question, re.IGNORECASE):
            return saying
    return f"This is a scripted reply to: {prompt.question[:200]}"


def _summary(prompt: Prompt, results: list[Turn]) -> str:
    destination = schema.place(prompt.question, {"to", "in"})
    found = [f"- **{turn.tool}**: {turn.text[:200]}" for turn in results if not _failed(turn)]
    gave_up = sorted({turn.tool for turn in results} - {turn.tool for turn in results if not _failed(turn)})
    missing = [f"- {tool}: no result, it failed each time" for tool in gave_up]
    heading = f"Here is what I found for {destination}:" if destination else "Here is what I found:"
    return "\n".join([heading, *found, *missing])


def _tool_calls(prompt: Prompt, wanted: Directives) -> Iterator[Call]:
    results = _results(prompt)
    done = {turn.tool for turn in results if not _failed(turn)}
    tried = [turn.tool for turn in results]
    left = [tool for tool in _planned(prompt) if tool.name not in done and tried.count(tool.name) < _TRIES]
    for tool in left if wanted.parallel_tools else left[:1]:
        arguments = json.dumps(schema.fill({"type": "object", **tool.parameters}, prompt.question))
        seed = f"{tool.name}{arguments}{len(prompt.turns)}"
        yield Call(f"call_{hashlib.sha256(seed.encode()).hexdigest()[:24]}", tool.name, arguments)


def _planned(prompt: Prompt) -> list[Tool]:
    """The tools that the question is about, in the order in which they are to be called."""
    match prompt.tool_choice:
        case "none":
            return []
        case "auto":
            tools = sorted(prompt.tools, key=lambda tool: _TRIP.index(tool.name) if tool.name in _TRIP else len(_TRIP))
            return [tool for tool in tools if _is_about(prompt.question.lower(), tool.name)]
        case "required":
            about = [tool for tool in prompt.tools if _is_about(prompt.question.lower(), tool.name)]
            return (about or list(prompt.tools))[:1]
        case name:
            return [tool for tool in prompt.tools if tool.name == name]


def _is_about(question: str, tool: str) -> bool:
    words = [word.rstrip("s") for word in re.findall(r"[a-z]{4,}", tool.lower()) if word not in {"search", "find", "lookup"}]
    return ("trip" in question and tool in _TRIP) or any(word in question for word in words)


def _results(prompt: Prompt) -> list[Turn]:
    """The tools' results since the last question."""
    asked = max((index for index, turn in enumerate(prompt.turns) if turn.role == "user"), default=-1)
    return [turn for turn in prompt.turns[asked + 1 :] if turn.role == "tool"]


def _failed(turn: Turn) -> bool:
    return turn.text.lstrip('{" \n').lower().startswith("error")


def _repeat(text: str, length_chars: int) -> str:
    return (text * (length_chars // len(text) + 1))[:length_chars]
