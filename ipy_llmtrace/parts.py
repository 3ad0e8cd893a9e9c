"""The parts of a message: text, reasoning, images, audio and tool calls, as the providers write them.

Every function takes any JSON value, since a reply can be anything.
"""

from __future__ import annotations

import json
from typing import Any, cast

from ipy_llmtrace.wire import Part, ToolCall

Json = Any


def parts(content: Json) -> list[Part]:
    return [part(block) for block in things(content)]


def part(block: Json) -> Part:
    if isinstance(block, str):
        return text(block)
    found = members(block)
    kind = found.get("type")
    if kind in ("text", "input_text", "output_text", "summary_text", "refusal"):
        text = found.get("text", found.get("refusal"))
        return text(text) if isinstance(text, str) else other(block)
    if kind in ("thinking", "reasoning", "reasoning_text") and isinstance(
        found.get("thinking", found.get("text")), str
    ):
        return reasoning(found.get("thinking", found.get("text")))
    if kind in ("image_url", "input_image", "image"):
        return image(block)
    if kind == "input_audio":
        audio = members(found.get("input_audio"))
        if isinstance(audio.get("data"), str):
            return Part(kind="audio", url=f"data:audio/{audio.get('format', 'wav')};base64,{audio['data']}")
    return other(block)


def image(block: Json) -> Part:
    """An image part of any provider, or an item of an image generation."""
    found = members(block)
    source = members(found.get("source"))
    url = found.get("image_url") or found.get("url") or source.get("url")
    url = members(url).get("url", url)
    if isinstance(url, str):
        return Part(kind="image", url=url)
    for data, media_type in ((source.get("data"), source.get("media_type")), (found.get("b64_json"), "image/png")):
        if isinstance(data, str):
            return Part(kind="image", url=f"data:{media_type};base64,{data}")
    return other(block)


def openai_call(call: Json) -> ToolCall:
    found = members(call)
    function = members(found.get("function")) or members(found.get("custom")) or found
    return tool_call(found.get("id"), function.get("name"), function.get("arguments", function.get("input", call)))


def tool_call(call_id: Json, name: Json, arguments: Json) -> ToolCall:
    call = ToolCall(name=string(name) or "", arguments="" if arguments is None else written(arguments))
    if call_id:
        call["id"] = written(call_id)
    return call


def text(text: Json) -> Part:
    return Part(kind="text", text=written(text))


def reasoning(text: Json) -> Part:
    return Part(kind="reasoning", text=written(text))


def other(value: Json) -> Part:
    return Part(kind="other", value=value)


def members(value: Json) -> dict[str, Json]:
    return cast(dict[str, Json], value) if isinstance(value, dict) else {}


def things(value: Json) -> list[Json]:
    """``value`` as a list of things: a lone thing is a list of one, nothing an empty one."""
    if value is None:
        return []
    return cast(list[Json], value) if isinstance(value, list) else [value]


def string(value: Json) -> str | None:
    return None if value is None else written(value)


def written(value: Json) -> str:
    """Text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        return f"[{type(value).__name__} that is not JSON]"
