"""OpenAI's Responses API. It keeps nothing: ``previous_response_id`` is accepted and not followed.

Format: https://platform.openai.com/docs/api-reference/responses
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .prompt import Body, Call, Event, Json, Prompt, Reply, Stamp, Tool, Turn, as_list, entry, pieces, text_of


def read(body: Body) -> Prompt:
    """The request body of ``POST /v1/responses``."""
    given: Json = body["input"]
    items: list[Body] = [{"role": "user", "content": given}] if isinstance(given, str) else given
    turns = [Turn("system", body["instructions"])] if body.get("instructions") else []
    names: dict[str, str] = {}
    for item in items:
        match item.get("type", "message"):
            case "function_call":
                names[item["call_id"]] = item["name"]
                turns.append(Turn("assistant", item["arguments"]))
            case "function_call_output":
                turns.append(Turn("tool", text_of(item["output"]), names.get(item["call_id"], "")))
            case "message":
                turns.append(Turn(item["role"], text_of(item["content"])))
            case _:
                pass
    functions: list[Body] = [tool for tool in as_list(body.get("tools")) if tool.get("type") == "function"]
    choice: Json = body.get("tool_choice") or "auto"
    wanted = entry(entry(body, "text"), "format")
    return Prompt(
        model=body["model"],
        turns=tuple(turns),
        tools=tuple(Tool(function["name"], function.get("parameters") or {}) for function in functions),
        tool_choice=choice if isinstance(choice, str) else choice.get("name", "auto"),
        schema=entry(wanted, "schema") if wanted.get("type") in ("json_object", "json_schema") else None,
        stream=bool(body.get("stream")),
        max_tokens=body.get("max_output_tokens"),
    )


def write(prompt: Prompt, reply: Reply, stamp: Stamp) -> Body:
    """A ``response`` that is over, well or not."""
    if reply.failed:
        error = {"code": "server_error", "message": "The model failed to generate a response."}
        return _envelope(prompt, stamp, "failed") | {"error": error}
    output = [_reasoning(reply.reasoning, stamp)] if reply.reasoning else []
    output += [_message(reply, stamp, "completed")] if reply.text else []
    output += [_function_call(call, "completed") for call in reply.calls]
    cut = reply.finish == "length"
    usage = reply.usage and {
        "input_tokens": reply.usage.input,
        "input_tokens_details": {"cached_tokens": reply.usage.cached},
        "output_tokens": reply.usage.output,
        "output_tokens_details": {"reasoning_tokens": reply.usage.reasoning},
        "total_tokens": reply.usage.input + reply.usage.output,
    }
    return _envelope(prompt, stamp, "incomplete" if cut else "completed") | {
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "output": output,
        "usage": usage,
    }


def stream(prompt: Prompt, reply: Reply, stamp: Stamp) -> Iterator[Event]:
    """The events of a stream, numbered, ``response.completed`` last."""
    for number, event in enumerate(_events(prompt, reply, stamp)):
        data: Json = event.data
        yield replace(event, data={"type": event.name, "sequence_number": number, **data})


def _events(prompt: Prompt, reply: Reply, stamp: Stamp) -> Iterator[Event]:
    started = _envelope(prompt, stamp, "in_progress")
    yield Event({"response": started}, "response.created")
    yield Event({"response": started}, "response.in_progress")
    index = 0
    if reply.reasoning:
        yield from _reasoning_events(reply.reasoning, stamp)
        index += 1
    if reply.text:
        yield from _message_events(reply, stamp, index)
        index += 1
    for number, call in enumerate(reply.calls):
        yield from _call_events(call, index + number)
    whole = write(prompt, reply, stamp)
    yield Event({"response": whole}, f"response.{whole['status']}")


def fail(prompt: Prompt, reply: Reply, stamp: Stamp) -> Iterator[Event]:
    """The event by which a stream says that it failed."""
    name = "response.failed"
    yield Event({"type": name, "sequence_number": 99, "response": write(prompt, reply, stamp)}, name)


def _reasoning_events(text: str, stamp: Stamp) -> Iterator[Event]:
    item = _reasoning(text, stamp)
    where: Body = {"item_id": item["id"], "output_index": 0, "summary_index": 0}
    yield Event({"output_index": 0, "item": item | {"summary": []}}, "response.output_item.added")
    yield Event(where | {"part": {"type": "summary_text", "text": ""}}, "response.reasoning_summary_part.added")
    for piece, tokens in pieces(text):
        yield Event(where | {"delta": piece}, "response.reasoning_summary_text.delta", tokens)
    yield Event(where | {"text": text}, "response.reasoning_summary_text.done")
    yield Event(where | {"part": {"type": "summary_text", "text": text}}, "response.reasoning_summary_part.done")
    yield Event({"output_index": 0, "item": item}, "response.output_item.done")


def _message_events(reply: Reply, stamp: Stamp, index: int) -> Iterator[Event]:
    item: Body = {**_message(reply, stamp, "in_progress"), "content": []}
    where: Body = {"item_id": item["id"], "output_index": index, "content_index": 0}
    yield Event({"output_index": index, "item": item}, "response.output_item.added")
    yield Event(where | {"part": _text_part("", [])}, "response.content_part.added")
    for piece, tokens in pieces(reply.text):
        yield Event(where | {"delta": piece, "logprobs": []}, "response.output_text.delta", tokens)
    annotations = _annotations(reply)
    for number, annotation in enumerate(annotations):
        added = {"annotation_index": number, "annotation": annotation}
        yield Event(where | added, "response.output_text.annotation.added")
    yield Event(where | {"text": reply.text, "logprobs": []}, "response.output_text.done")
    yield Event(where | {"part": _text_part(reply.text, annotations)}, "response.content_part.done")
    yield Event({"output_index": index, "item": _message(reply, stamp, "completed")}, "response.output_item.done")


def _call_events(call: Call, index: int) -> Iterator[Event]:
    item = _function_call(call, "in_progress") | {"arguments": ""}
    where: Body = {"item_id": item["id"], "output_index": index}
    yield Event({"output_index": index, "item": item}, "response.output_item.added")
    for piece, tokens in pieces(call.arguments):
        yield Event(where | {"delta": piece}, "response.function_call_arguments.delta", tokens)
    done = where | {"name": call.name, "arguments": call.arguments}
    yield Event(done, "response.function_call_arguments.done")
    yield Event({"output_index": index, "item": _function_call(call, "completed")}, "response.output_item.done")


def _envelope(prompt: Prompt, stamp: Stamp, status: str) -> Body:
    return {
        "id": stamp.id("resp_"),
        "object": "response",
        "created_at": stamp.created_s,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": next((turn.text for turn in prompt.turns if turn.role == "system"), None),
        "max_output_tokens": prompt.max_tokens,
        "model": prompt.model,
        "output": [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": None,
        "metadata": {},
    }


def _message(reply: Reply, stamp: Stamp, status: str) -> Body:
    content = [_text_part(reply.text, _annotations(reply))]
    return {"id": stamp.id("msg_"), "type": "message", "role": "assistant", "status": status, "content": content}


def _reasoning(text: str, stamp: Stamp) -> Body:
    return {"id": stamp.id("rs_"), "type": "reasoning", "summary": [{"type": "summary_text", "text": text}]}


def _text_part(text: str, annotations: list[Body]) -> Body:
    return {"type": "output_text", "text": text, "annotations": annotations, "logprobs": []}


def _annotations(reply: Reply) -> list[Body]:
    places = {"start_index": 0, "end_index": len(reply.text)}
    return [{"type": "url_citation", "url": each.url, "title": each.title, **places} for each in reply.citations]


def _function_call(call: Call, status: str) -> Body:
    return {
        "id": call.id.replace("call_", "fc_"),
        "type": "function_call",
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments,
        "status": status,
    }
