"""The conversation of an LLM span, whatever interface was called.

LiteLLM takes and gives OpenAI's chat messages, text completions, responses and images, Anthropic's messages, and Gemini's
contents. All become the same messages here. What is not known becomes a part of kind ``other``: nothing is dropped, nothing
raises.
"""

from __future__ import annotations

from typing import Any, cast

from ..wire import Chat, Message, Part, ToolCall
from . import gemini_messages
from .message_parts import (
    as_dict,
    as_list,
    as_text,
    content_part,
    content_parts,
    image_part,
    openai_call,
    other_part,
    reasoning_part,
    spoken_parts,
    text_part,
    tool_call,
)
from .span import Span

Json = Any

CHAT_TYPES = frozenset({"LLM", "CHAT_MODEL"})

_SYSTEM_KEYS = ("system", "instructions", "systemInstruction", "system_instruction")
_READ_KEYS = frozenset({"role", "content", "name", "tool_calls", "function_call", "tool_call_id"}) | {
    *("reasoning_content", "reasoning", "thinking_blocks", "refusal", "images"),
    *("provider_specific_fields", "type", "id", "status"),
}


def conversation(span: Span) -> Chat | None:
    """The messages that went to the model and those that came back; ``None`` for spans that are no chat.

    While a stream runs there are no outputs, and the reply is what it has brought so far.
    """
    if span.type not in CHAT_TYPES:
        return None
    if span.hidden_by is not None:
        return Chat(messages=[_message("hidden", [text_part(hidden(span.hidden_by))])], replies=[])
    messages = _requested(span.inputs)
    finish_reason: Json = None
    replies: list[Message] = []
    if span.outputs is not None:
        replies, finish_reason = _replied(span.outputs)
    elif span.text:
        replies = [_message("assistant", [text_part(span.text)])]
    if not messages and not replies:
        return None
    chat = Chat(messages=messages, replies=replies)
    if finish_reason:
        chat["finish_reason"] = as_text(finish_reason)
    return chat


def hidden(switch: str) -> str:
    """What stands where messages would, which the user hides by this switch of LiteLLM's."""
    return f"messages hidden by {switch}"


def _requested(inputs: Json) -> list[Message]:
    if not isinstance(inputs, dict):
        return _messages(inputs, "user")
    request = cast(dict[str, Json], inputs)
    messages = [_message("system", _instruction(request[key])) for key in _SYSTEM_KEYS if request.get(key)]
    for key in ("messages", "contents", "input", "prompt"):
        if request.get(key) is not None:
            return messages + _messages(request[key], "user")
    return messages or ([_message("user", [other_part(request)])] if request else [])


def _instruction(value: Json) -> list[Part]:
    """What a request says beside its messages."""
    return content_parts(gemini_messages.as_message(value, "system")["content"] if gemini_messages.is_content(value) else value)


def _replied(outputs: Json) -> tuple[list[Message], Json]:
    """One message a choice, and why the first one ended."""
    response = as_dict(outputs)
    choices, items, images = response.get("choices"), response.get("output"), response.get("data")
    if isinstance(choices, list):
        listed = cast(list[Json], choices)
        return [_choice(choice) for choice in listed], as_dict(listed[0] if listed else None).get("finish_reason")
    if isinstance(items, list):
        incomplete = as_dict(response.get("incomplete_details")).get("reason")
        return [_joined(_messages(items, "assistant"))], incomplete or response.get("status")
    candidates = response.get("candidates")
    if isinstance(candidates, list):
        listed = cast(list[Json], candidates)
        replies = [_joined(_spoken(gemini_messages.as_reply(candidate), "assistant")) for candidate in listed]
        return replies, as_dict(listed[0] if listed else None).get("finishReason")
    if "content" in response or "tool_calls" in response:
        answer = {key: value for key, value in response.items() if key in _READ_KEYS}
        return [_joined(_messages([answer], "assistant"))], response.get("stop_reason")
    if isinstance(images, list):
        return [_message("assistant", [image_part(image) for image in cast(list[Json], images)])], None
    return [_message("assistant", content_parts(outputs))], None


def _choice(choice: Json) -> Message:
    members = as_dict(choice)
    if "text" in members:
        return _message("assistant", content_parts(members["text"]))
    answer = members.get("message", members.get("delta"))
    return _message("assistant", [other_part(choice)]) if answer is None else _joined(_messages([answer], "assistant"))


def _messages(value: Json, role: str) -> list[Message]:
    """A list of messages of any provider, or whatever stands for it."""
    items = as_list(value)
    # A prompt of token ids.
    if items and all(isinstance(item, int | float) for item in items):
        return [_message(role, [other_part(value)])]
    return [message for item in items for message in _item(item, role)]


def _item(item: Json, role: str) -> list[Message]:
    """A chat message, or an item of OpenAI's responses, which has a ``type`` instead of a ``role``."""
    if not isinstance(item, dict):
        return [_message(role, content_parts(item))]
    message = cast(dict[str, Json], item)
    kind = message.get("type")
    if kind == "function_call":
        call_id = message.get("call_id") or message.get("id")
        return [_message("assistant", [], [tool_call(call_id, message.get("name"), message.get("arguments"))])]
    if kind == "function_call_output":
        return [_message("tool", content_parts(message.get("output")), tool_call_id=message.get("call_id"))]
    if kind == "reasoning":
        thoughts = as_list(message.get("summary")) + as_list(message.get("content"))
        return [_message("assistant", [reasoning_part(as_dict(thought).get("text", thought)) for thought in thoughts])]
    if gemini_messages.is_content(message):
        return _spoken(gemini_messages.as_message(message, role), role)
    if not message.keys() & {"role", "content", "tool_calls"}:
        return [_message(role, [content_part(item)])]
    return _spoken(message, role)


def _spoken(message: dict[str, Json], role: str) -> list[Message]:
    """A message with a role, after the tool results that Anthropic puts into its content."""
    calls = [openai_call(call) for call in as_list(message.get("tool_calls"))]
    calls += [openai_call(call) for call in as_list(message.get("function_call"))]
    thoughts = message.get("reasoning_content") or message.get("reasoning")
    blocks = as_list(message.get("content") or None)
    if not thoughts and not any(_is(block, "thinking") for block in blocks):
        blocks = as_list(message.get("thinking_blocks")) + blocks
    # reasoning_content repeats the thinking blocks.
    blocks = [block for block in blocks if not (thoughts and _is(block, "thinking"))]
    results = [
        _message("tool", content_parts(block.get("content")), tool_call_id=block.get("tool_use_id"))
        for block in blocks
        if _is(block, "tool_result")
    ]
    calls += [tool_call(block.get("id"), block.get("name"), block.get("input")) for block in blocks if _is(block, "tool_use")]
    parts = [reasoning_part(thoughts)] if thoughts else []
    parts += content_parts([block for block in blocks if not _is(block, "tool_use") and not _is(block, "tool_result")])
    parts += _beside_content(message)
    if results and not parts and not calls:
        return results
    said = _message(as_text(message.get("role")) or role, parts, calls, message.get("name"), message.get("tool_call_id"))
    return [*results, said]


def _beside_content(message: dict[str, Json]) -> list[Part]:
    parts = [text_part(message["refusal"])] if message.get("refusal") else []
    parts += [image_part(image) for image in as_list(message.get("images"))]
    spoken = spoken_parts(message.get("audio"))
    parts += spoken
    read = _READ_KEYS | {"audio"} if spoken else _READ_KEYS
    if message.get("reasoning_content"):
        read |= {"reasoning_items"}  # the same, as OpenAI's responses have it
    rest = {key: value for key, value in message.items() if key not in read and value not in (None, [], {}, "")}
    return [*parts, other_part(rest)] if rest else parts


def _is(block: Json, kind: str) -> bool:
    return as_dict(block).get("type") == kind


def _joined(messages: list[Message]) -> Message:
    """The items of one reply as one message."""
    return _message(
        messages[0]["role"] if messages else "assistant",
        [part for message in messages for part in message["parts"]],
        [call for message in messages for call in message.get("tool_calls", [])],
    )


def _message(
    role: str, parts: list[Part], tool_calls: list[ToolCall] | None = None, name: Json = None, tool_call_id: Json = None
) -> Message:
    message = Message(role=role, parts=parts)
    if name:
        message["name"] = as_text(name)
    if tool_calls:
        message["tool_calls"] = tool_calls
    if tool_call_id:
        message["tool_call_id"] = as_text(tool_call_id)
    return message
