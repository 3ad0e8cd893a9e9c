"""A request and its reply in the terms that all APIs share; each API's module reads the one and writes the other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self, cast

from .citations import Citation
from .raw_json import dumps

Json = Any
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. ``tool`` names the tool whose result it is."""

    role: str
    text: str
    tool: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model may call; ``parameters`` is a JSON schema."""

    name: str
    parameters: Body


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked.

    ``tool_choice`` is ``auto``, ``none``, ``required`` or a tool's name; ``schema`` is the JSON schema that the reply
    must follow, ``{}`` for any JSON object; ``spoken`` asks for a sound; ``options`` is the request body, for what only
    one API knows.
    """

    model: str
    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: str = "auto"
    schema: Body | None = None
    stream: bool = False
    stream_usage: bool = True
    max_tokens: int | None = None
    choices: int = 1
    spoken: bool = False
    options: Body = field(default_factory=Body)

    @property
    def question(self) -> str:
        """The text of the last user turn, else of the last turn."""
        asked = [turn.text for turn in self.turns if turn.role == "user"]
        return asked[-1] if asked else self.turns[-1].text if self.turns else ""

    @property
    def tokens(self) -> int:
        """Four characters a token, three more for each message, as OpenAI's format adds."""
        tools = sum(count_tokens(tool.name + json.dumps(tool.parameters)) for tool in self.tools)
        return sum(count_tokens(turn.text) + 3 for turn in self.turns) + tools

    def streamed(self) -> Self:
        """The same, to be answered as a stream."""
        return replace(self, stream=True)


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call; ``arguments`` is JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens; ``cached`` is a part of ``input``, ``reasoning`` of ``output``."""

    input: int
    output: int
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model says. ``usage`` is ``None`` when it does not say what it took; ``failed`` where the API has replies that
    say so of themselves."""

    text: str
    usage: Usage | None
    calls: tuple[Call, ...] = ()
    reasoning: str = ""
    finish: Literal["stop", "length", "tool_calls"] = "stop"
    citations: tuple[Citation, ...] = ()
    failed: bool = False

    @property
    def tokens(self) -> int:
        """Tokens that are sent, the reasoning's included."""
        return count_tokens(self.text + self.reasoning) + sum(count_tokens(call.arguments) for call in self.calls)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What differs between two equal replies: a number, and the time in seconds since the Unix epoch."""

    number: int
    created_s: int

    def id(self, prefix: str) -> str:
        """An id of this reply, such as ``chatcmpl-demo000001``."""
        return f"{prefix}demo{self.number:06d}"


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event; ``tokens`` is how much of the reply it carries, which sets its pace."""

    data: Body | str
    name: str = ""
    tokens: int = 0

    def encode(self) -> bytes:
        """The event as it goes over the wire."""
        data = self.data if isinstance(self.data, str) else dumps(self.data)
        return (f"event: {self.name}\n" if self.name else "").encode() + f"data: {data}\n\n".encode()


class Failure(Exception):
    """A reply that is an error with this HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def count_tokens(text: str) -> int:
    """About four characters a token, rounded up."""
    return -(-len(text) // 4)


def pieces(text: str) -> Iterator[tuple[str, int]]:
    """Text as a model streams it, word by word, with the tokens of each; joined again it is the text."""
    for match in re.finditer(r"\s*\S{1,12}|\s+", text):
        yield match[0], -(-match.end() // 4) - -(-match.start() // 4)


def text_of(content: Json) -> str:
    """The text of a message's content: a string, or the text among a list of parts."""
    if isinstance(content, str):
        return content
    return "".join(text_of(part["text"]) for part in as_list(content) if isinstance(part, dict) and "text" in part)


def as_list(value: Json) -> list[Json]:
    """A list as it is, nothing for ``None``, else a list of the one value."""
    if isinstance(value, list):
        return cast("list[Json]", value)
    return [] if value is None else [value]


def entry(body: Body, key: str) -> Body:
    """An object inside a request, empty when it is absent or null."""
    return body.get(key) or {}
