"""The routes, and the four functions that make an API of each: read, write, stream, and its form of an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import chat, embeddings, images, messages, responses
from .prompt import Body, Event, Failure, Prompt, Reply, Stamp

MODELS = ("gpt-4o-mini", "gpt-4o", "gpt-4.1-mini", "o4-mini", "text-embedding-3-small", "gpt-image-1")
_TYPES = {
    400: ("invalid_request_error", "invalid_request_error"),
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("invalid_request_error", "unsupported_country_region_territory"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
}
_ANTHROPIC_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def openai_error(failure: Failure) -> Body:
    """The body of an OpenAI error."""
    kind, code = _TYPES.get(failure.status, ("server_error" if failure.status >= 500 else "invalid_request_error", None))
    return {"error": {"message": failure.message, "type": kind, "param": None, "code": code}}


def anthropic_error(failure: Failure) -> Body:
    """The body of an Anthropic error."""
    kind = _ANTHROPIC_TYPES.get(failure.status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": failure.message}}


@dataclass(frozen=True, slots=True)
class Api:
    """How one route reads requests and writes replies; ``stream`` is ``None`` where there is no streaming."""

    read: Callable[[Body], Prompt]
    write: Callable[[Prompt, Reply, Stamp], Body]
    stream: Callable[[Prompt, Reply, Stamp], Iterator[Event]] | None = None
    error: Callable[[Failure], Body] = openai_error


ROUTES = {
    "chat/completions": Api(chat.read_chat, chat.write_chat, chat.stream_chat),
    "completions": Api(chat.read_text, chat.write_text, chat.stream_text),
    "responses": Api(responses.read, responses.write, responses.stream),
    "messages": Api(messages.read, messages.write, messages.stream, anthropic_error),
    "embeddings": Api(embeddings.read, embeddings.write),
    "images/generations": Api(images.read, images.write),
}


def list_models() -> Body:
    """The reply to ``GET /v1/models``."""
    return {"object": "list", "data": [{"id": model, "object": "model", "owned_by": "demo"} for model in MODELS]}
