"""The conversation of an LLM span, whatever interface was called.

LiteLLM takes and gives OpenAI's chat messages, text completions, responses and images, and Anthropic's messages. All
become the same messages here. What is not known becomes a part of kind ``other``: nothing is dropped, nothing raises.
"""

from __future__ import annotations

from typing import Any, cast

from ipy_llmtrace import parts
from ipy_llmtrace.span import Span
from ipy_llmtrace.wire import Chat, Message, Part, ToolCall

Json = Any

CHAT_TYPES = frozenset({"LLM", "CHAT_MODEL"})

_SHOWN_KEYS = frozenset(
    "role content name tool_calls function_call tool_call_id reasoning_content reasoning refusal thinking_blocks images "
    "provider_specific_fields type id status phase".split()
)


def conversation(span: Span) -> Chat | None:
    """The messages that went to the model and those that came back; ``None`` for spans that are no chat.

    While a stream runs there are no outputs, and the reply is what it has brought so far.
    """
    if span.type not in CHAT_TYPES:
        return None
    messages = _requested(span.inputs)
    if span.outputs is not None:
        replies, finish_reason = _replied(span.outputs)
    else:
        replies, finish_reason = ([_message("assistant", [parts.text(span.text)])] if span.text else []), None
    if not messages and not replies:
        return None
    chat = Chat(messages=messages, replies=replies)
    if finish_reason:
        chat["finish_reason"] = finish_reason
    return chat


def _requested(inputs: Json) -> list[Message]:
    if not isinstance(inputs, dict):
        return _messages(inputs, "user")
    request = cast(dict[str, Json], inputs)
    messages = [
        message for key in ("system", "instructions") for message in _messages(request.get(key), "system", one=True)
    ]
    for key in ("messages", "input", "prompt"):
        if request.get(key) is not None:
            return messages + _messages(request[key], "user")
    return messages or ([_message("user", [parts.other(inputs)])] if inputs else [])


def _replied(outputs: Json) -> tuple[list[Message], str | None]:
    if not isinstance(outputs, dict):
        return [_message("assistant", parts.parts(outputs))], None
    response = cast(dict[str, Json], outputs)
    choices, output, images = response.get("choices"), response.get("output"), response.get("data")
    if isinstance(choices, list):
        listed = cast(list[Json], choices)
        reasons = [choice.get("finish_reason") for choice in listed if isinstance(choice, dict)]
        return [_choice(choice) for choice in listed], parts.string(next(iter(reasons), None))
    if isinstance(output, list):
        incomplete = parts.members(response.get("incomplete_details")).get("reason")
        return [_joined(_messages(output, "assistant"))], parts.string(incomplete or response.get("status"))
    if "content" in response or "tool_calls" in response:
        answered = {
            key: response[key] for key in ("role", "content", "tool_calls", "reasoning_content") if key in response
        }
        return [_joined(_messages([answered], "assistant"))], parts.string(response.get("stop_reason"))
    if isinstance(images, list):
        return [_message("assistant", [parts.image(item) for item in cast(list[Json], images)])], None
    return [_message("assistant", [parts.other(outputs)])], None


def _choice(choice: Json) -> Message:
    found = parts.members(choice)
    if isinstance(found.get("text"), str):
        return _message("assistant", [parts.text(found["text"])])
    answered = found.get("message", found.get("delta"))
    if answered is None:
        return _message("assistant", [parts.other(choice)])
    return _joined(_messages([answered], "assistant"))


def _messages(value: Json, role: str, *, one: bool = False) -> list[Message]:
    """A list of messages, or whatever stands for it; ``one`` when a list is the content of a single message."""
    if value is None:
        return []
    if not isinstance(value, list) or one:
        value = [value] if isinstance(value, dict) else [{"role": role, "content": value}]
    items = cast(list[Json], value)
    if items and all(isinstance(item, int | float) for item in items):
        return [_message(role, [parts.other(items)])]
    return [message for item in items for message in _item(item, role)]


def _item(item: Json, role: str) -> list[Message]:
    if not isinstance(item, dict):
        return [_message(role, parts.parts(item))]
    message = cast(dict[str, Json], item)
    kind = message.get("type")
    if kind == "function_call":
        call = parts.tool_call(
            message.get("call_id") or message.get("id"), message.get("name"), message.get("arguments")
        )
        return [_message("assistant", [], tool_calls=[call])]
    if kind == "function_call_output":
        return [_message("tool", parts.parts(message.get("output")), tool_call_id=parts.string(message.get("call_id")))]
    if kind == "reasoning":
        thoughts = parts.things(message.get("summary")) + parts.things(message.get("content"))
        return [
            _message(
                "assistant", [parts.reasoning(parts.members(thought).get("text", thought)) for thought in thoughts]
            )
        ]
    if "role" not in message and "content" not in message and "tool_calls" not in message:
        return [_message(role, [parts.part(item)])]
    return _spoken(message, role)


def _spoken(message: dict[str, Json], role: str) -> list[Message]:
    """A message with a role, after the tool results that Anthropic puts into its content."""
    results: list[Message] = []
    calls = [parts.openai_call(call) for call in parts.things(message.get("tool_calls"))]
    if message.get("function_call"):
        calls.append(parts.openai_call({"function": message["function_call"]}))
    thoughts = message.get("reasoning_content") or message.get("reasoning")
    parts = (
        [parts.reasoning(thoughts)]
        if thoughts
        else [parts.part(block) for block in parts.things(message.get("thinking_blocks"))]
    )
    for block in parts.things(message.get("content") or None):
        kind = block.get("type") if isinstance(block, dict) else None
        if kind == "tool_use":
            calls.append(parts.tool_call(block.get("id"), block.get("name"), block.get("input")))
        elif kind == "tool_result":
            results.append(
                _message("tool", parts.parts(block.get("content")), tool_call_id=parts.string(block.get("tool_use_id")))
            )
        elif not (thoughts and kind == "thinking"):
            parts.append(parts.part(block))
    parts += [parts.text(message["refusal"])] if message.get("refusal") else []
    parts += [parts.image(image) for image in parts.things(message.get("images"))]
    rest = {key: value for key, value in message.items() if key not in _SHOWN_KEYS and value not in (None, [], {}, "")}
    parts += [parts.other(rest)] if rest else []
    if results and not parts and not calls:
        return results
    name, call_id = parts.string(message.get("name")), parts.string(message.get("tool_call_id"))
    said = _message(parts.string(message.get("role")) or role, parts, tool_calls=calls, name=name, tool_call_id=call_id)
    return [*results, said]


def _joined(messages: list[Message]) -> Message:
    """The items of one reply as one message."""
    reply = _message(
        messages[0]["role"] if messages else "assistant", [part for message in messages for part in message["parts"]]
    )
    calls = [call for message in messages for call in message.get("tool_calls", [])]
    if calls:
        reply["tool_calls"] = calls
    return reply


def _message(
    role: str,
    parts: list[Part],
    *,
    tool_calls: list[ToolCall] | None = None,
    name: str | None = None,
    tool_call_id: str | None = None,
) -> Message:
    message = Message(role=role, parts=parts)
    if name:
        message["name"] = name
    if tool_calls:
        message["tool_calls"] = tool_calls
    if tool_call_id:
        message["tool_call_id"] = tool_call_id
    return message
