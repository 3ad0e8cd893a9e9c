"""What a span's row says: a title, and a gist of what happened in one line, both redacted and bounded.

An LLM call is titled by its model and says which tools it asked for or how its reply begins; a tool says its arguments and its
result. A name that the user gave beats the model. The span's name stays what MLflow has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from ..redaction.redactor import Redactor
from ..wire import Chat, Message
from .conversation import CHAT_TYPES, conversation, hidden
from .message_parts import as_dict, as_text
from .span import Span

Json = Any

GIST_CHARS = 160
"""Longest gist, in characters."""

TITLE_CHARS = 120

_LITELLM_NAME = re.compile(r"litellm-[a-z_]+")
"""The names that LiteLLM's MLflow logger gives to spans."""

_READ_CHARS = 1_000
"""How much of a text is searched for secrets before it is cut: a key cut in two would not be recognised."""

_VALUE_CHARS = 60
_MAX_LEVELS = 4
_SHOWN_MEMBERS = 3
_SPACES = re.compile(r"\s+")
_QUERY_NAMES = ("query", "question", "q", "input", "text")


def title(span: Span, redactor: Redactor) -> str:
    """The name that the user gave to the span or the call, else the model, else the span's name."""
    name = span.name
    if _LITELLM_NAME.fullmatch(name):
        name = _generation_name(span) or span.model or name
    return _Line(redactor).cut(name, TITLE_CHARS)


def gist(span: Span, redactor: Redactor) -> str:
    """What went in and what came out, as far as it is known by now; empty where nothing is."""
    line = _Line(redactor)
    if span.hidden_by is not None:
        found = hidden(span.hidden_by)
    elif span.type in CHAT_TYPES:
        chat = conversation(span)
        found = "" if chat is None else _of_chat(chat, line)
    elif span.type == "EMBEDDING":
        found = _of_embedding(span, line)
    elif span.type == "RETRIEVER":
        found = _arrow(_asked(span.inputs, line), _documents(span.outputs))
    elif span.type == "TOOL":
        found = _arrow(_arguments(span.inputs, line), "" if span.outputs is None else _result(span.outputs, line))
    else:
        found = _first_argument(span.inputs, line)
    return found if len(found) <= GIST_CHARS else f"{found[: GIST_CHARS - 1]}…"


def exchange(span: Span, redactor: Redactor) -> tuple[str, str]:
    """The two halves of a gist, for tables of many like spans: what was asked last, and what came back."""
    line = _Line(redactor)
    if span.hidden_by is not None:
        return hidden(span.hidden_by), ""
    if span.type in CHAT_TYPES:
        chat = conversation(span)
        return ("", "") if chat is None else (_last_asked(chat, line), _replied(chat, line))
    asked = _arguments(span.inputs, line) if span.type == "TOOL" else _first_argument(span.inputs, line)
    return asked, "" if span.outputs is None else _result(span.outputs, line)


class _Line:
    """Writes values in one line, redacted before they are cut."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def cut(self, text: str, max_chars: int = _VALUE_CHARS) -> str:
        return self._fitted(self._redactor.text(text[:_READ_CHARS]), max_chars, whole=len(text) <= _READ_CHARS)

    def quoted(self, text: str, max_chars: int = _VALUE_CHARS) -> str:
        return f"“{self.cut(text, max_chars)}”"

    def value(self, value: Json) -> str:
        """A value as an argument is written: text in straight quotes, the rest as JSON."""
        return f'"{self.cut(value)}"' if isinstance(value, str) else self.member("", value)

    def member(self, name: str, value: Json, *, quoted: bool = False) -> str:
        """The value of a member of an object; that of one named ``password`` or the like is a secret."""
        shown = self._redactor.value({name: _pruned(value)})[name]
        text = self._fitted(as_text(shown) or "null", _VALUE_CHARS, whole=True)
        return f'"{text}"' if quoted and isinstance(shown, str) else text

    def _fitted(self, text: str, max_chars: int, *, whole: bool) -> str:
        line = _SPACES.sub(" ", text).strip()
        return line if whole and len(line) <= max_chars else f"{line[: max_chars - 1].rstrip()}…"


def _pruned(value: Json, level: int = 0) -> Json:
    """As much of a value as a line can show."""
    if isinstance(value, str):
        return value[:_READ_CHARS]
    if level > _MAX_LEVELS and isinstance(value, list | dict):
        return "…"
    if isinstance(value, list):
        return [_pruned(item, level + 1) for item in cast(list[Json], value)[:_VALUE_CHARS]]
    if isinstance(value, dict):
        members = list(cast(dict[Any, Json], value).items())[:_VALUE_CHARS]
        return {str(name): _pruned(member, level + 1) for name, member in members}
    return value


def _of_chat(chat: Chat, line: _Line) -> str:
    return _replied(chat, line) or _last_asked(chat, line)


def _replied(chat: Chat, line: _Line) -> str:
    calls = [call for reply in chat["replies"] for call in reply.get("tool_calls", [])]
    if calls:
        written = [f"{line.cut(call['name'])}({_call_arguments(call['arguments'], line)})" for call in calls[:_SHOWN_MEMBERS]]
        more = [f"{len(calls) - _SHOWN_MEMBERS} more"] if len(calls) > _SHOWN_MEMBERS else []
        return "→ " + ", ".join([*written, *more])
    for reply in chat["replies"]:
        if said := _said(reply):
            return line.quoted(said, GIST_CHARS - 2)
    kinds = [part["kind"] for reply in chat["replies"] for part in reply["parts"] if part["kind"] in ("image", "audio")]
    return f"{len(kinds)} {kinds[0]}{'s' * (len(kinds) > 1)}" if kinds else ""


def _last_asked(chat: Chat, line: _Line) -> str:
    asked = [message for message in chat["messages"] if message["role"] == "user"] or chat["messages"]
    texts = [said for message in asked if (said := _said(message))]
    return line.cut(texts[-1], GIST_CHARS) if texts else ""


def _said(message: Message) -> str:
    """The text of a message without its reasoning."""
    return " ".join(part.get("text", "") for part in message["parts"] if part["kind"] == "text").strip()


def _call_arguments(arguments: str, line: _Line) -> str:
    """The arguments that a model wrote: as Python would write them, or its own text where that is no JSON object."""
    members = _parsed(arguments)
    return _named(cast(Mapping[str, Json], members), line) if isinstance(members, dict) else line.cut(arguments)


def _arguments(inputs: Json, line: _Line) -> str:
    """The arguments of a tool: the value alone where there is one, else each with its name."""
    inputs = _parsed(inputs)
    if not isinstance(inputs, dict):
        return "" if inputs is None else line.value(inputs)
    members = _unwrapped(cast(Mapping[str, Json], inputs))
    if len(members) == 1:
        return next(line.member(name, value, quoted=True) for name, value in members.items())
    return _named(members, line)


def _unwrapped(members: Mapping[str, Json]) -> Mapping[str, Json]:
    """Arguments without the ``args`` and ``kwargs`` around them, and without the object that a method was called on."""
    members = {name: value for name, value in members.items() if name not in ("self", "cls")}
    if members.keys() <= {"args", "kwargs"} and isinstance(members.get("kwargs", {}), dict):
        positional = {str(number): value for number, value in enumerate(members.get("args") or ())}
        return {**positional, **as_dict(members.get("kwargs"))}
    return members


def _named(members: Mapping[str, Json], line: _Line) -> str:
    shown = list(members.items())[:_SHOWN_MEMBERS]
    values = [(name, line.member(name, value, quoted=True)) for name, value in shown]
    written = [value if name.isdigit() else f"{line.cut(name)}={value}" for name, value in values]
    return ", ".join([*written, "…"] if len(members) > len(shown) else written)


def _result(outputs: Json, line: _Line) -> str:
    """What a tool gave back: rows, items or documents by their number, a short object by its first values."""
    value = _parsed(outputs)
    if isinstance(value, dict):
        members = cast(dict[str, Json], value)
        shown = [f"{line.cut(name)}: {line.member(name, member)}" for name, member in list(members.items())[:_SHOWN_MEMBERS]]
        return ", ".join([*shown, "…"] if len(members) > len(shown) else shown) or "{}"
    if isinstance(value, list):
        items = cast(list[Json], value)
        of_objects = bool(items) and all(isinstance(item, dict) for item in items)
        return _number(items, "row" if of_objects else "item")
    return line.cut(as_text(value))


def _documents(outputs: Json) -> str:
    value = _parsed(outputs)
    members: list[Json] = list(as_dict(value).values()) if isinstance(value, dict) else [value]
    lists = [cast(list[Json], member) for member in members if isinstance(member, list)]
    return _number(lists[0], "document") if lists else ""


def _asked(inputs: Json, line: _Line) -> str:
    """What a retriever was asked."""
    value = _parsed(inputs)
    if isinstance(value, dict):
        members = _unwrapped(cast(Mapping[str, Json], value))
        named = next((name for name in (*_QUERY_NAMES, *members) if name in members), None)
        return "" if named is None else line.member(named, members[named], quoted=True)
    return "" if value is None else line.value(value)


def _of_embedding(span: Span, line: _Line) -> str:
    asked = as_dict(span.inputs).get("input", as_dict(span.inputs).get("messages", span.inputs))
    texts = cast(list[Json], asked) if isinstance(asked, list) else [] if asked is None else [asked]
    data = as_dict(span.outputs).get("data")
    first = as_dict(cast(list[Json], data)[0] if isinstance(data, list) and data else None).get("embedding")
    dimensions = f"{len(cast(list[Json], first)):,} dimensions" if isinstance(first, list) else ""
    if len(texts) == 1 and isinstance(texts[0], str):
        return _arrow(line.value(texts[0]), dimensions)
    return _arrow(_number(texts, "text") if texts else "", dimensions)


def _first_argument(inputs: Json, line: _Line) -> str:
    if isinstance(inputs, dict):
        members = _unwrapped(cast(Mapping[str, Json], inputs))
        return next((line.member(name, value, quoted=True) for name, value in members.items()), "")
    return "" if inputs is None else line.value(inputs)


def _generation_name(span: Span) -> str | None:
    """LiteLLM's ``metadata={"generation_name": ...}``."""
    name = as_dict(span.attributes.get("metadata")).get("generation_name")
    return name if isinstance(name, str) and name.strip() else None


def _parsed(value: Json) -> Json:
    """What a JSON text holds, if it is one; else the value."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _number(items: Sequence[Json], noun: str) -> str:
    return f"{len(items):,} {noun}{'' if len(items) == 1 else 's'}"


def _arrow(asked: str, answer: str) -> str:
    return f"{asked} → {answer}" if asked and answer else asked or (f"→ {answer}" if answer else "")
