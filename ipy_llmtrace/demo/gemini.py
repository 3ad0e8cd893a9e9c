"""Gemini's native API: ``generateContent`` and ``streamGenerateContent``.

Format: https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from .citations import Citation
from .prompt import Body, Event, Json, Prompt, Reply, Stamp, Tool, Turn, Usage, as_list, entry, pieces, text_of

_FINISH = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP"}


def read(body: Body) -> Prompt:
    """The request body of ``POST /v1beta/models/MODEL:generateContent``; the route adds ``model``."""
    system = text_of(entry(body, "systemInstruction").get("parts"))
    turns = [Turn("system", system)] if system else []
    for content in _contents(body["contents"]):
        turns += _read_content(content)
    declared: list[Body] = [each for tool in as_list(body.get("tools")) for each in as_list(tool.get("functionDeclarations"))]
    config = entry(body, "generationConfig")
    return Prompt(
        model=body["model"],
        turns=tuple(turns),
        tools=tuple(Tool(function["name"], function.get("parameters") or {}) for function in declared),
        schema=entry(config, "responseSchema") or None,
        max_tokens=config.get("maxOutputTokens"),
        choices=config.get("candidateCount") or 1,
    )


def read_stream(body: Body) -> Prompt:
    """The request body of ``POST /v1beta/models/MODEL:streamGenerateContent``."""
    return read(body).streamed()


def write(prompt: Prompt, reply: Reply, stamp: Stamp) -> Body:
    """A ``GenerateContentResponse``."""
    parts: list[Body] = [{"text": reply.reasoning, "thought": True}] if reply.reasoning else []
    parts += [{"text": reply.text}] if reply.text else []
    parts += _calls(reply)
    candidates = [_candidate(index, parts, reply) for index in range(prompt.choices)]
    return {"candidates": candidates} | _usage_entry(reply.usage) | _tail(prompt, stamp)


def stream(prompt: Prompt, reply: Reply, stamp: Stamp) -> Iterator[Event]:
    """The pieces of a streamed ``GenerateContentResponse``; each tells the usage so far, the last one the finish reason."""
    tail = _usage_entry(reply.usage) | _tail(prompt, stamp)
    said = [({"text": piece, "thought": True}, tokens) for piece, tokens in pieces(reply.reasoning)]
    said += [({"text": piece}, tokens) for piece, tokens in pieces(reply.text)]
    for part, tokens in said:
        yield Event({"candidates": [{"content": {"parts": [part], "role": "model"}, "index": 0}]} | tail, tokens=tokens)
    yield Event({"candidates": [_candidate(0, _calls(reply) or [{"text": ""}], reply)]} | tail)


def fail(prompt: Prompt, reply: Reply, stamp: Stamp) -> Iterator[Event]:
    """The piece by which a stream says that it failed."""
    yield Event(
        {"error": {"code": 503, "message": "The model is overloaded. Please try again later.", "status": "UNAVAILABLE"}}
    )


def _contents(given: Json) -> list[Body]:
    return [{"role": "user", "parts": [{"text": given}]}] if isinstance(given, str) else as_list(given)


def _read_content(content: Body) -> Iterator[Turn]:
    role = "assistant" if content.get("role") == "model" else "user"
    for part in as_list(content.get("parts")):
        match part:
            case {"functionCall": call}:
                yield Turn("assistant", json.dumps(call.get("args")))
            case {"functionResponse": response}:
                yield Turn("tool", json.dumps(response.get("response")), response.get("name", ""))
            case _:
                yield Turn(role, text_of(part.get("text")))


def _calls(reply: Reply) -> list[Body]:
    return [{"functionCall": {"name": call.name, "args": json.loads(call.arguments)}} for call in reply.calls]


def _candidate(index: int, parts: list[Body], reply: Reply) -> Body:
    candidate: Body = {
        "content": {"parts": parts, "role": "model"},
        "finishReason": _FINISH[reply.finish],
        "index": index,
    }
    if reply.citations:
        candidate["citationMetadata"] = {"citationSources": [_source(citation) for citation in reply.citations]}
    return candidate


def _source(citation: Citation) -> Body:
    return {"startIndex": 0, "endIndex": len(citation.text), "uri": citation.url, "license": ""}


def _tail(prompt: Prompt, stamp: Stamp) -> Body:
    return {"modelVersion": prompt.model, "responseId": stamp.id("gemini-")}


def _usage_entry(usage: Usage | None) -> Body:
    """Gemini counts thoughts beside the candidates' tokens, and cached tokens among the prompt's."""
    if usage is None:
        return {}
    counts = {
        "promptTokenCount": usage.input,
        "candidatesTokenCount": usage.output - usage.reasoning,
        "totalTokenCount": usage.input + usage.output,
        "thoughtsTokenCount": usage.reasoning,
        "cachedContentTokenCount": usage.cached,
    }
    return {"usageMetadata": {name: count for name, count in counts.items() if count}}
