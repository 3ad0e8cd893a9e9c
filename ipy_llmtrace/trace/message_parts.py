"""The parts of a message: text, reasoning, images, audio and tool calls, as the providers write them.

Every function takes any JSON value, since a reply can be anything.
"""

from __future__ import annotations

import json
from typing import Any, cast

from ..wire import Part, ToolCall

Json = Any

_TEXT_TYPES = frozenset({"text", "input_text", "output_text", "summary_text", "refusal"})
_REASONING_TYPES = frozenset({"thinking", "reasoning", "reasoning_text"})
_IMAGE_TYPES = frozenset({"image_url", "input_image", "image", "image_generation_call"})


def text_part(value: Json) -> Part:
    return Part(kind="text", text=as_text(value))


def reasoning_part(value: Json) -> Part:
    return Part(kind="reasoning", text=as_text(value))


def other_part(value: Json) -> Part:
    return Part(kind="other", value=value)


def content_parts(content: Json) -> list[Part]:
    """The parts of a message's content: nothing, a text, a block, or a list of these; after a text the sources it cites."""
    return [part for block in as_list(content) for part in (content_part(block), *_citations(block))]


def _citations(block: Json) -> list[Part]:
    """What a text block of Anthropic's (``citations``) or of OpenAI's responses (``annotations``) cites."""
    members = as_dict(block)
    cited = {name: members[name] for name in ("citations", "annotations") if as_list(members.get(name))}
    return [other_part(cited)] if cited and isinstance(members.get("text"), str) else []


def content_part(block: Json) -> Part:
    """A block of content of any provider."""
    if isinstance(block, str):
        return text_part(block)
    members = as_dict(block)
    kind = members.get("type")
    text = members.get("text", members.get("refusal", members.get("thinking")))
    if members.keys() == {"text"} and isinstance(text, str):  # as Gemini and Bedrock have it
        return text_part(text)
    if isinstance(kind, str) and isinstance(text, str):
        if kind in _TEXT_TYPES:
            return text_part(text)
        if kind in _REASONING_TYPES:
            return reasoning_part(text)
    if isinstance(kind, str) and kind in _IMAGE_TYPES:
        return image_part(block)
    audio = as_dict(members.get("input_audio"))
    if isinstance(audio.get("data"), str):
        return Part(kind="audio", url=_data_url(f"audio/{audio.get('format', 'wav')}", audio["data"]))
    return other_part(block)


def image_part(block: Json) -> Part:
    """An image block of any provider, or an item of an image generation."""
    members = as_dict(block)
    source = as_dict(members.get("source"))
    url = members.get("image_url") or members.get("url") or source.get("url")
    url = as_dict(url).get("url", url)
    if isinstance(url, str):
        return Part(kind="image", url=url)
    for data, media_type in (
        (source.get("data"), source.get("media_type")),
        (members.get("b64_json"), "image/png"),
        (members.get("result"), f"image/{members.get('output_format', 'png')}"),
    ):
        if isinstance(data, str):
            return Part(kind="image", url=_data_url(media_type, data))
    return other_part(block)


def spoken_parts(audio: Json) -> list[Part]:
    """OpenAI's ``audio`` of a reply: the sound and what it says; nothing where there is no sound."""
    members = as_dict(audio)
    if not isinstance(members.get("data"), str):
        return []
    # The format is said in the request only; browsers look at the sound itself.
    return [Part(kind="audio", url=_data_url("audio/wav", members["data"])), text_part(members.get("transcript"))]


def _data_url(media_type: Json, data: str) -> str:
    """A URL of base64; of what MLflow has in its place, when it keeps the bytes elsewhere, that."""
    return data if data.startswith("mlflow-attachment:") else f"data:{media_type};base64,{data}"


def tool_call(call_id: Json, name: Json, arguments: Json) -> ToolCall:
    call = ToolCall(name=as_text(name), arguments=as_text(arguments))
    if call_id:
        call["id"] = as_text(call_id)
    return call


def openai_call(call: Json) -> ToolCall:
    """An item of ``tool_calls``, or ``function_call`` itself."""
    members = as_dict(call)
    function = as_dict(members.get("function")) or as_dict(members.get("custom")) or members
    return tool_call(members.get("id"), function.get("name"), function.get("arguments", function.get("input", call)))


def as_dict(value: Json) -> dict[str, Json]:
    """``value`` if it is an object, else an empty one."""
    return cast(dict[str, Json], value) if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """``value`` as a list: a lone thing is a list of one, nothing an empty one."""
    if value is None:
        return []
    return cast(list[Json], value) if isinstance(value, list) else [value]


def as_text(value: Json) -> str:
    """Text as it is, nothing as no text, anything else as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        return f"[{type(value).__name__} that is not JSON]"
