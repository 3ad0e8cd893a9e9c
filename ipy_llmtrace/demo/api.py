"""The routes, and the functions that make an API of each: read, write, stream, and its forms of an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from . import chat, embeddings, gemini, images, messages, responses
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
_GEMINI_STATUSES = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}


def openai_error(failure: Failure) -> Body:
    """The body of an OpenAI error."""
    kind, code = _TYPES.get(failure.status, ("server_error" if failure.status >= 500 else "invalid_request_error", None))
    return {"error": {"message": failure.message, "type": kind, "param": None, "code": code}}


def anthropic_error(failure: Failure) -> Body:
    """The body of an Anthropic error."""
    kind = _ANTHROPIC_TYPES.get(failure.status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": failure.message}}


def gemini_error(failure: Failure) -> Body:
    """The body of a Gemini error."""
    status = _GEMINI_STATUSES.get(failure.status, "INTERNAL")
    return {"error": {"code": failure.status, "message": failure.message, "status": status}}


@dataclass(frozen=True, slots=True)
class Api:
    """How one route reads requests and writes replies; ``stream`` is ``None`` where there is no streaming. ``fail`` gives the
    events by which a stream that has begun says that it failed."""

    read: Callable[[Body], Prompt]
    write: Callable[[Prompt, Reply, Stamp], Body]
    stream: Callable[[Prompt, Reply, Stamp], Iterator[Event]] | None = None
    error: Callable[[Failure], Body] = openai_error
    fail: Callable[[Prompt, Reply, Stamp], Iterator[Event]] = chat.fail


ROUTES = {
    "chat/completions": Api(chat.read_chat, chat.write_chat, chat.stream_chat),
    "completions": Api(chat.read_text, chat.write_text, chat.stream_text),
    "responses": Api(responses.read, responses.write, responses.stream, fail=responses.fail),
    "messages": Api(messages.read, messages.write, messages.stream, anthropic_error, messages.fail),
    "embeddings": Api(embeddings.read, embeddings.write),
    "images/generations": Api(images.read, images.write),
    ":generateContent": Api(gemini.read, gemini.write, None, gemini_error),
    ":streamGenerateContent": Api(gemini.read_stream, gemini.write, gemini.stream, gemini_error, gemini.fail),
}


def find(path: str) -> tuple[Api, Body] | None:
    """The API at a path below the server's root, and what the path adds to the request's body: Gemini names its model there."""
    route = path.partition("?")[0].strip("/").removeprefix("v1/").removeprefix("v1beta/")
    model, colon, method = route.removeprefix("models/").rpartition(":")
    added = {"model": unquote(model)} if colon else {}
    api = ROUTES.get(colon + method if colon else route)
    return None if api is None else (api, added)


def list_models() -> Body:
    """The reply to ``GET /v1/models``."""
    return {"object": "list", "data": [{"id": model, "object": "model", "owned_by": "demo"} for model in MODELS]}
