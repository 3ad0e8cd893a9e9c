"""LiteLLM's requests and replies in MLflow's terms. Pure; the shapes are LiteLLM's ``model_call_details`` and its replies."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
    elif (sent := (details.get("additional_args") or {}).get("complete_input_dict") or {}) and "prompt" in sent:
        asked = {"prompt": sent["prompt"]}  # LiteLLM makes messages of it
    else:
        asked = {"input": details.get("input") or details.get("messages")}
    if details.get("tools") and "tools" not in params:
        asked["tools"] = details["tools"]
    return {**asked, **params}


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
    """The reply's ``usage`` in MLflow's terms; ``None`` where the provider sent none (LiteLLM fills in zeros)."""
    sent = outputs.get("usage") if isinstance(outputs, dict) else None
    if not isinstance(sent, dict):
        return None
    counts = {
        "input_tokens": sent.get("prompt_tokens") or sent.get("input_tokens") or 0,
        "output_tokens": sent.get("completion_tokens") or sent.get("output_tokens") or 0,
    }
    if not any(counts.values()):
        return None
    counts["total_tokens"] = sent.get("total_tokens") or sum(counts.values())
    details = sent.get("prompt_tokens_details") or sent.get("input_tokens_details") or {}
    parts = {
        "cache_read_input_tokens": sent.get("cache_read_input_tokens") or details.get("cached_tokens"),
        "cache_creation_input_tokens": sent.get("cache_creation_input_tokens") or details.get("cache_creation_tokens"),
    }
    return counts | {k: v for k, v in parts.items() if v}


def costs(cost_usd: Any, breakdown: Any) -> dict[str, float] | None:
    """LiteLLM's cost in MLflow's terms, so that MLflow does not compute another one."""
    if not isinstance(cost_usd, int | float) or not isinstance(breakdown, dict):
        return None
    parts = {"input_cost": breakdown.get("input_cost") or 0.0, "output_cost": breakdown.get("output_cost") or 0.0}
    return {**parts, "total_cost": cost_usd}


def chunk_text(chunk: Any) -> str:
    """The text that a piece of a stream brings."""
    choices = getattr(chunk, "choices", None)
    if not choices:
        return ""
    delta = getattr(choices[0], "delta", None)
    return (getattr(choices[0], "text", None) if delta is None else getattr(delta, "content", None)) or ""


def plain(reply: Any) -> Any:
    """A reply as plain values."""
    if not hasattr(reply, "model_dump"):
        return reply
    # LiteLLM's reply classes hold values of other types than they declare: pydantic would warn of it in the user's cell, and
    # writes only the declared fields of a usage of the other kind.
    found = reply.model_dump(warnings=False)
    sent: Any = getattr(reply, "usage", None)
    if hasattr(sent, "model_dump"):
        found["usage"] = sent.model_dump(warnings=False)
    if "usage" in found and usage(found) is None:
        del found["usage"]  # LiteLLM's zeros, where the provider sent none
    return found
