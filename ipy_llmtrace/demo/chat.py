"""OpenAI's chat completions and the older text completions.

Format: https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from .prompt import Body, Event, Json, Prompt, Reply, Stamp, Tool, Turn, Usage, as_list, entry, pieces, text_of
from .sounds import pcm, wav_base64


def read_chat(body: Body) -> Prompt:
    """The request body of ``POST /v1/chat/completions``."""
    names: dict[str, str] = {}
    turns: list[Turn] = []
    for message in body["messages"]:
        calls: list[Body] = as_list(message.get("tool_calls"))
        names |= {call["id"]: call["function"]["name"] for call in calls}
        text = text_of(message.get("content")) + "".join(call["function"]["arguments"] for call in calls)
        turns.append(Turn(message["role"], text, names.get(message.get("tool_call_id", ""), "")))
    functions: list[Body] = [tool["function"] for tool in as_list(body.get("tools")) if tool.get("type") == "function"]
    return Prompt(
        model=body["model"],
        turns=tuple(turns),
        tools=tuple(Tool(function["name"], function.get("parameters") or {}) for function in functions),
        tool_choice=_read_tool_choice(body.get("tool_choice")),
        schema=_read_format(entry(body, "response_format")),
        stream=bool(body.get("stream")),
        stream_usage=bool(entry(body, "stream_options").get("include_usage")),
        max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        choices=body.get("n") or 1,
        spoken="audio" in as_list(body.get("modalities")),
    )


def write_chat(prompt: Prompt, reply: Reply, stamp: Stamp) -> Body:
    """A ``chat.completion``."""
    message: Body = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if reply.citations:
        message["annotations"] = _annotations(reply)
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if prompt.spoken and reply.text:
        spoken = {"data": wav_base64(), "transcript": reply.text, "expires_at": stamp.created_s + 3600}
        message |= {"content": None, "audio": {"id": stamp.id("audio_"), **spoken}}
    if reply.calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in reply.calls
        ]
    choices = [
        {"index": index, "message": message, "logprobs": None, "finish_reason": reply.finish} for index in range(prompt.choices)
    ]
    return _head(prompt, stamp, "chat.completion") | {"choices": choices} | _usage_entry(reply.usage)


def stream_chat(prompt: Prompt, reply: Reply, stamp: Stamp) -> Iterator[Event]:
    """The ``chat.completion.chunk`` events; the usage comes last, and only when the request asked for it."""
    head = _head(prompt, stamp, "chat.completion.chunk")
    if prompt.stream_usage:
        head["usage"] = None
    deltas = list(_spoken_deltas(reply, stamp) if prompt.spoken else _deltas(reply))
    for delta, tokens in deltas:
        for index in range(prompt.choices):
            yield Event(head | {"choices": [_choice(index, delta, None)]}, tokens=tokens)
    for index in range(prompt.choices):
        yield Event(head | {"choices": [_choice(index, {}, reply.finish)]})
    if prompt.stream_usage and reply.usage:
        yield Event(head | {"choices": [], "usage": _usage(reply.usage)})
    yield Event("[DONE]")


def fail(prompt: Prompt, reply: Reply, stamp: Stamp) -> Iterator[Event]:
    """The event by which a stream says that it failed."""
    yield Event({"error": {"message": "The server had an error.", "type": "server_error", "param": None, "code": None}})


def read_text(body: Body) -> Prompt:
    """The request body of ``POST /v1/completions``."""
    return Prompt(
        model=body["model"],
        turns=tuple(Turn("user", str(text)) for text in as_list(body["prompt"])),
        stream=bool(body.get("stream")),
        stream_usage=bool(entry(body, "stream_options").get("include_usage")),
        max_tokens=body.get("max_tokens"),
    )


def write_text(prompt: Prompt, reply: Reply, stamp: Stamp) -> Body:
    """A ``text_completion``."""
    choice = {"index": 0, "text": reply.text, "logprobs": None, "finish_reason": reply.finish}
    return _head(prompt, stamp, "text_completion") | {"choices": [choice]} | _usage_entry(reply.usage)


def stream_text(prompt: Prompt, reply: Reply, stamp: Stamp) -> Iterator[Event]:
    """The ``text_completion`` events of a stream."""
    head = _head(prompt, stamp, "text_completion")
    for piece, tokens in [*pieces(reply.text), ("", 0)]:
        finish = None if piece else reply.finish
        choice = {"index": 0, "text": piece, "logprobs": None, "finish_reason": finish}
        yield Event(head | {"choices": [choice]}, tokens=tokens)
    if prompt.stream_usage and reply.usage:
        yield Event(head | {"choices": [], "usage": _usage(reply.usage)})
    yield Event("[DONE]")


def _deltas(reply: Reply) -> Iterator[tuple[Body, int]]:
    yield {"role": "assistant", "content": None if reply.calls else ""}, 0
    for piece, tokens in pieces(reply.reasoning):
        yield {"reasoning_content": piece}, tokens
    for piece, tokens in pieces(reply.text):
        yield {"content": piece}, tokens
    if reply.citations:
        yield {"annotations": _annotations(reply)}, 0
    for index, call in enumerate(reply.calls):
        opening = {"index": index, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}
        yield {"tool_calls": [opening]}, 0
        for piece, tokens in pieces(call.arguments):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}, tokens


def _spoken_deltas(reply: Reply, stamp: Stamp) -> Iterator[tuple[Body, int]]:
    """A reply as sound: what it says, and the sound itself in two pieces."""
    audio_id = stamp.id("audio_")
    yield {"role": "assistant", "content": None, "audio": {"id": audio_id, "transcript": ""}}, 0
    for piece, tokens in pieces(reply.text):
        yield {"audio": {"id": audio_id, "transcript": piece}}, tokens
    sound = pcm()
    half = len(sound) // 2
    for part in (sound[:half], sound[half:]):
        yield {"audio": {"id": audio_id, "data": base64.b64encode(part).decode()}}, 0
    yield {"audio": {"id": audio_id, "expires_at": stamp.created_s + 3600}}, 0


def _annotations(reply: Reply) -> list[Body]:
    places = {"start_index": 0, "end_index": len(reply.text)}
    cited = [{"url": citation.url, "title": citation.title, **places} for citation in reply.citations]
    return [{"type": "url_citation", "url_citation": each} for each in cited]


def _choice(index: int, delta: Body, finish: str | None) -> Body:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}


def _head(prompt: Prompt, stamp: Stamp, kind: str) -> Body:
    prefix = "cmpl-" if kind == "text_completion" else "chatcmpl-"
    return {
        "id": stamp.id(prefix),
        "object": kind,
        "created": stamp.created_s,
        "model": prompt.model,
        "system_fingerprint": "fp_demo",
    }


def _usage_entry(usage: Usage | None) -> Body:
    return {"usage": _usage(usage)} if usage else {}


def _usage(usage: Usage) -> Body:
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "audio_tokens": 0},
    }


def _read_tool_choice(choice: Json) -> str:
    if isinstance(choice, str):
        return choice
    return choice["function"]["name"] if choice else "auto"


def _read_format(wanted: Body) -> Body | None:
    match wanted.get("type"):
        case "json_object":
            return {}
        case "json_schema":
            return wanted["json_schema"].get("schema") or {}
        case _:
            return None
