"""Gemini's contents as messages whose blocks are Anthropic's, which `conversation` reads.

Format: https://ai.google.dev/api/caching#Content. The SDK for Python writes the same names in snake case.
"""

from __future__ import annotations

from typing import Any

from .message_parts import as_dict, as_list, as_text

Json = Any

_READ = frozenset({"content", "finishReason", "index", "safetyRatings", "avgLogprobs", "tokenCount"})


def is_content(value: Json) -> bool:
    """Whether a message is of Gemini's form."""
    return "parts" in as_dict(value) and "content" not in as_dict(value)


def as_message(content: Json, role: str) -> dict[str, Json]:
    """A content as a message; ``role`` is whose it is if it does not say."""
    members = as_dict(content)
    said = members.get("role") or role
    blocks = [_block(part) for part in as_list(members.get("parts"))]
    return {"role": "assistant" if said == "model" else said, "content": blocks}


def as_reply(candidate: Json) -> dict[str, Json]:
    """A candidate as a message, its sources too."""
    members = as_dict(candidate)
    message = as_message(members.get("content"), "assistant")
    rest = {name: value for name, value in members.items() if name not in _READ and value}
    return {**message, "content": [*message["content"], rest]} if rest else message


def _block(part: Json) -> Json:
    """A part as a block; one of another kind as it is."""
    members = as_dict(part)
    text = members.get("text")
    if isinstance(text, str):
        return {"type": "thinking", "thinking": text} if members.get("thought") is True else {"type": "text", "text": text}
    call, result = _either(members, "functionCall", "function_call"), _either(members, "functionResponse", "function_response")
    if call:
        return {"type": "tool_use", "id": call.get("id"), "name": call.get("name"), "input": call.get("args")}
    if result:
        answered = result.get("id") or result.get("name")
        return {"type": "tool_result", "tool_use_id": answered, "content": as_text(result.get("response"))}
    return _media(members) or part


def _media(members: dict[str, Json]) -> Json:
    """An image or a sound, sent along or named by its address; nothing for other files."""
    inline, file = _either(members, "inlineData", "inline_data"), _either(members, "fileData", "file_data")
    media_type = as_text((inline or file).get("mimeType") or (inline or file).get("mime_type"))
    if media_type.startswith("audio/") and isinstance(inline.get("data"), str):
        return {"type": "input_audio", "input_audio": {"data": inline["data"], "format": media_type.removeprefix("audio/")}}
    if not media_type.startswith("image/"):
        return None
    url = file.get("fileUri") or file.get("file_uri")
    return {"type": "image", "source": {"media_type": media_type, "data": inline.get("data")} if inline else {"url": url}}


def _either(members: dict[str, Json], *names: str) -> dict[str, Json]:
    return next((found for name in names if (found := as_dict(members.get(name)))), as_dict(None))
