"""Anthropic's messages API.

Format: https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from .prompt import Body, Event, Json, Prompt, Reply, Stamp, Tool, Turn, as_list, entry, pieces, text_of

_STOP = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}


def read(body: Body) -> Prompt:
    """The request body of ``POST /v1/messages``."""
    system = text_of(body.get("system"))
    turns = [Turn("system", system)] if system else []
    names: dict[str, str] = {}
    for message in body["messages"]:
        turns += _read_message(message, names)
    choice = entry(body, "tool_choice")
    tools: list[Body] = as_list(body.get("tools"))
    return Prompt(
        model=body["model"],
        turns=tuple(turns),
        tools=tuple(Tool(tool["name"], tool["input_schema"]) for tool in tools if "input_schema" in tool),
        tool_choice=choice.get("name") or {"any": "required", "none": "none"}.get(choice.get("type", ""), "auto"),
        stream=bool(body.get("stream")),
        max_tokens=body.get("max_tokens"),
    )


def write(prompt: Prompt, reply: Reply, stamp: Stamp) -> Body:
    """A whole ``message``."""
    content: list[Body] = [_thinking(reply.reasoning)] if reply.reasoning else []
    content += [{"type": "text", "text": reply.text} | _citations_entry(reply)] if reply.text else []
    content += [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": json.loads(call.arguments)} for call in reply.calls
    ]
    return _envelope(prompt, stamp) | {
        "content": content,
        "stop_reason": _STOP[reply.finish],
        "usage": _input_usage(reply) | {"output_tokens": _output_tokens(reply)},
    }


def stream(prompt: Prompt, reply: Reply, stamp: Stamp) -> Iterator[Event]:
    """The events of a stream, from ``message_start`` to ``message_stop``."""
    for event in _events(prompt, reply, stamp):
        data: Json = event.data
        yield Event({"type": event.name, **data}, event.name, event.tokens)


def _events(prompt: Prompt, reply: Reply, stamp: Stamp) -> Iterator[Event]:
    usage = _input_usage(reply) | {"output_tokens": min(1, _output_tokens(reply))}
    yield Event({"message": _envelope(prompt, stamp) | {"usage": usage}}, "message_start")
    yield Event({}, "ping")
    blocks: list[tuple[Body, str, str, str]] = []
    if reply.reasoning:
        blocks.append((_thinking("") | {"signature": ""}, "thinking_delta", "thinking", reply.reasoning))
    if reply.text:
        blocks.append(({"type": "text", "text": ""}, "text_delta", "text", reply.text))
    for call in reply.calls:
        opening: Body = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
        blocks.append((opening, "input_json_delta", "partial_json", call.arguments))
    for index, (opening, kind, key, text) in enumerate(blocks):
        yield Event({"index": index, "content_block": opening}, "content_block_start")
        for piece, tokens in pieces(text):
            yield Event({"index": index, "delta": {"type": kind, key: piece}}, "content_block_delta", tokens)
        for delta in _last_deltas(kind, reply):
            yield Event({"index": index, "delta": delta}, "content_block_delta")
        yield Event({"index": index}, "content_block_stop")
    stop = {"stop_reason": _STOP[reply.finish], "stop_sequence": None}
    yield Event({"delta": stop, "usage": {"output_tokens": _output_tokens(reply)}}, "message_delta")
    yield Event({}, "message_stop")


def fail(prompt: Prompt, reply: Reply, stamp: Stamp) -> Iterator[Event]:
    """The event by which a stream says that it failed."""
    yield Event({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "error")


def _thinking(text: str) -> Body:
    return {"type": "thinking", "thinking": text, "signature": "c2lnbmVkIGJ5IHRoZSBkZW1v"}


def _last_deltas(kind: str, reply: Reply) -> list[Body]:
    """What a block of a stream ends with: the signature of thoughts, the citations of text."""
    if kind == "thinking_delta":
        return [{"type": "signature_delta", "signature": _thinking("")["signature"]}]
    cited: list[Body] = _citations_entry(reply).get("citations", []) if kind == "text_delta" else []
    return [{"type": "citations_delta", "citation": citation} for citation in cited]


def _citations_entry(reply: Reply) -> Body:
    cited = [
        {"type": "char_location", "cited_text": each.text, "document_index": number, "document_title": each.title}
        | {"start_char_index": 0, "end_char_index": len(each.text)}
        for number, each in enumerate(reply.citations)
    ]
    return {"citations": cited} if cited else {}


def _read_message(message: Body, names: dict[str, str]) -> Iterator[Turn]:
    content: Json = message["content"]
    blocks: list[Body] = [{"type": "text", "text": content}] if isinstance(content, str) else content
    for block in blocks:
        match block["type"]:
            case "tool_use":
                names[block["id"]] = block["name"]
                yield Turn("assistant", json.dumps(block["input"]))
            case "tool_result":
                yield Turn("tool", text_of(block.get("content")), names.get(block["tool_use_id"], ""))
            case _:
                yield Turn(message["role"], text_of(block.get("text")))


def _envelope(prompt: Prompt, stamp: Stamp) -> Body:
    return {
        "id": stamp.id("msg_"),
        "type": "message",
        "role": "assistant",
        "model": prompt.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {},
    }


def _input_usage(reply: Reply) -> Body:
    """Anthropic requires a usage, and does not count the cached tokens among the input's."""
    if reply.usage is None:
        return {"input_tokens": 0}
    return {
        "input_tokens": reply.usage.input - reply.usage.cached,
        "cache_read_input_tokens": reply.usage.cached,
        "cache_creation_input_tokens": 0,
    }


def _output_tokens(reply: Reply) -> int:
    return reply.usage.output if reply.usage else 0
