"""LiteLLM's switches against logging. They are the user's word, so they hold for spans, too.

LiteLLM applies them in its logging object, after ``log_pre_api_call`` was given the messages in clear. So the recorder asks
when a call begins: a call whose messages are hidden has a span with its model, times, tokens and cost, and nothing that was
said; a call with ``no-log`` has no span.

LiteLLM internals relied on: ``redact_messages.should_redact_message_logging(model_call_details)`` decides; without it, or if
it fails, the switches that it reads are read here. ``no-log`` stands in ``litellm_params``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlflow.entities import SpanEvent

from .library import litellm

# pyright: reportMissingImports=false
try:
    from litellm.litellm_core_utils.redact_messages import should_redact_message_logging
except ImportError:
    should_redact_message_logging = None

HIDDEN_BY = "llmtrace.hidden_by"
"""The attribute of a span whose messages are hidden: the switch that hides them."""

_SWITCH = "turn_off_message_logging"
_HEADERS = ("litellm-enable-message-redaction", "x-litellm-enable-message-redaction")
_KEPT_OF_REPLY = ("id", "object", "created", "model", "usage", "usageMetadata")


def hidden_by(details: Mapping[str, Any]) -> str | None:
    """The switch that hides the messages of the call with these ``model_call_details``; ``None`` if none does."""
    switches = _switches(details)
    if should_redact_message_logging is not None:
        try:
            if not should_redact_message_logging(dict(details)):
                return None
            return next(iter(switches), "LiteLLM")
        except Exception:  # LiteLLM cannot say: what it reads is read here
            pass
    return next(iter(switches), None)


def request_details(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The ``model_call_details`` that matter here, of a call that LiteLLM has not prepared yet, by its arguments."""
    metadata = {name: kwargs[name] for name in ("metadata", "litellm_metadata") if isinstance(kwargs.get(name), dict)}
    details: dict[str, Any] = {"litellm_params": {**metadata, "no-log": kwargs.get("no-log")}}
    if kwargs.get(_SWITCH) is not None:
        details["standard_callback_dynamic_params"] = {_SWITCH: kwargs[_SWITCH]}
    return details


def not_logged(details: Mapping[str, Any]) -> bool:
    """Whether the call with these ``model_call_details`` asks not to be logged at all: ``**{"no-log": True}``."""
    asked = _mapping(details.get("litellm_params")).get("no-log") is True
    return asked and not getattr(litellm, "global_disable_no_log_param", False)


def inputs(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a call whose messages are hidden: the parameters that are numbers."""
    return {name: value for name, value in asked.items() if isinstance(value, int | float)}


def reply(outputs: Any) -> Any:
    """The reply to a call whose messages are hidden: its id, model and usage."""
    return {name: outputs[name] for name in _KEPT_OF_REPLY if name in outputs} if isinstance(outputs, dict) else None


def failure(error: BaseException, switch: str) -> SpanEvent:
    """The exception event of a call whose messages are hidden: errors quote what was sent."""
    attributes: dict[str, Any] = {"exception.type": type(error).__name__, "exception.message": f"hidden by {switch}"}
    return SpanEvent("exception", attributes=attributes)


def _switches(details: Mapping[str, Any]) -> list[str]:
    """The switches that are on, the one that counts first."""
    params = _mapping(details.get("litellm_params"))
    metadata = _mapping(params.get("litellm_metadata")) or _mapping(params.get("metadata"))
    headers = _mapping(metadata.get("headers"))
    if headers.get("litellm-disable-message-redaction"):
        return []
    own = _mapping(details.get("standard_callback_dynamic_params")).get(_SWITCH)
    if own is not None:
        return [_SWITCH] if str(own).strip().lower() in ("true", "1") else []
    found = [header for header in _HEADERS if headers.get(header)]
    return [*found, f"litellm.{_SWITCH}"] if litellm.turn_off_message_logging is True else found


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
