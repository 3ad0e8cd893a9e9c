"""LiteLLM's requests and replies in MLflow's terms. Pure; the shapes are LiteLLM's ``model_call_details`` and its replies."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import plain_values, token_usage

_SECRET_PARAMS = frozenset({"extra_headers", "headers", "api_key", "aws_secret_access_key", "aws_session_token"})


def span_type(call_type: str) -> str:
    """MLflow's span type for one of LiteLLM's call types (``acompletion``, ``aembedding``, ...)."""
    return "EMBEDDING" if "embedding" in call_type else "RERANKER" if "rerank" in call_type else "LLM"


def inputs(details: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked, in the caller's terms, and the request's parameters."""
    params = {k: v for k, v in (details.get("optional_params") or {}).items() if k not in _SECRET_PARAMS and v != {}}
    call_type = str(details.get("call_type") or "")
    if ("completion" in call_type and "text" not in call_type) or "anthropic" in call_type:
        asked = {"messages": details.get("messages")}
    elif "prompt" in (sent := _sent(details)):
        asked = {"prompt": sent["prompt"]}  # LiteLLM makes messages of it
    elif "contents" in sent:
        asked = {name: sent[name] for name in ("contents", "systemInstruction", "tools") if sent.get(name)}
    else:
        asked = {"input": details.get("input") or details.get("messages")}
    if details.get("tools") and "tools" not in params:
        asked["tools"] = details["tools"]
    return {**asked, **params}


def _sent(details: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body of the request; empty where LiteLLM does not tell it, or sends no JSON."""
    sent = (details.get("additional_args") or {}).get("complete_input_dict")
    return sent if isinstance(sent, Mapping) else {}


def attributes(details: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a call's span that are known when it begins."""
    provider = details.get("custom_llm_provider")
    model = details.get("model")
    if isinstance(model, str):
        model = model.removeprefix(f"{provider}/")
    found = {
        "litellm_call_id": details.get("litellm_call_id"),
        "call_type": details.get("call_type"),
        "model": model,
        "custom_llm_provider": provider,
        "api_base": (details.get("litellm_params") or {}).get("api_base"),
        "request_tags": request_tags(details) or None,
        "mlflow.llm.model": model,
        "mlflow.llm.provider": provider,
        "mlflow.chat.tools": (details.get("optional_params") or {}).get("tools"),
    }
    return {k: v for k, v in found.items() if v is not None}


def request_tags(details: Mapping[str, Any]) -> list[str]:
    """The tags of ``metadata={"tags": [...]}``."""
    metadata = (details.get("litellm_params") or {}).get("metadata") or {}
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def usage(outputs: Any) -> dict[str, int] | None:
    """What a reply says that it took, in MLflow's terms; ``None`` where it says nothing."""
    sent = token_usage.read(outputs)
    if sent is None:
        return None
    counts = {
        "input_tokens": sent.input,
        "output_tokens": sent.output,
        "total_tokens": None if sent.input is None or sent.output is None else sent.input + sent.output,
        "cache_read_input_tokens": sent.cached,
        "cache_creation_input_tokens": sent.cache_write,
    }
    return {name: tokens for name, tokens in counts.items() if tokens is not None}


def costs(cost_usd: Any, breakdown: Any) -> dict[str, float] | None:
    """LiteLLM's cost in MLflow's terms, so that MLflow does not compute another one."""
    total = token_usage.cost_usd(cost_usd)
    if total is None or not isinstance(breakdown, dict):
        return None
    parts = {name: token_usage.cost_usd(breakdown.get(name)) or 0.0 for name in ("input_cost", "output_cost")}
    return {**parts, "total_cost": total}


def failure(outputs: Any) -> str:
    """Why a reply says of itself that it failed; empty if it does not. Of OpenAI's responses, some come with status 200."""
    if not isinstance(outputs, dict) or outputs.get("status") != "failed" or outputs.get("object") != "response":
        return ""
    return error_text(outputs.get("error")) or "failed"


def error_text(error: Any) -> str:
    """What an error object of a reply says: its kind and its message; empty if it says nothing."""
    if not isinstance(error, dict):
        return error if isinstance(error, str) else ""
    said = (error.get("type"), error.get("status"), error.get("code"))
    kind = next((each for each in said if isinstance(each, str) and each), "")
    message = error.get("message")
    return ": ".join(part for part in (kind, message if isinstance(message, str) else "") if part)


def plain(reply: Any) -> Any:
    """A reply as plain values."""
    found = plain_values.plain(reply)
    if found is reply or not isinstance(found, dict):
        return found
    sent: Any = getattr(reply, "usage", None)
    if hasattr(sent, "model_dump"):
        found["usage"] = plain_values.plain(sent)  # pydantic writes only the declared fields of a usage of the other kind
    if token_usage.is_filled_in(found.get("usage")):
        del found["usage"]  # LiteLLM's zeros, where the provider sent none
    return found
