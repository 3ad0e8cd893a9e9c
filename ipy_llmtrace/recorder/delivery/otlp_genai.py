"""MLflow's spans with OpenTelemetry's names for what models do, so that collectors show them as LLM calls.

https://github.com/open-telemetry/semantic-conventions-genai is the source. MLflow has a translation of its own for this. It
calls every LLM call ``generate_content``, reads one shape of messages only, and gives a span that is neither model nor tool nor
agent its type for a name; what follows here mends that.

MLflow internals relied on: ``mlflow.tracing.export.genai_semconv.translator.translate_span_to_genai``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from mlflow.tracing.export.genai_semconv.translator import translate_span_to_genai
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

_OPERATIONS = {
    "LLM": "chat",
    "CHAT_MODEL": "chat",
    "EMBEDDING": "embeddings",
    "TOOL": "execute_tool",
    "AGENT": "invoke_agent",
    "RETRIEVER": "retrieval",
}
"""By MLflow's type of a span. What has another type is no business of the conventions, and goes as MLflow has it."""

_PROVIDERS = {
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "cohere_chat": "cohere",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "text-completion-openai": "openai",
    "vertex_ai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
"""LiteLLM's names where the conventions have another."""

_CACHE_TOKENS = {
    "cache_read_input_tokens": "gen_ai.usage.cache_read.input_tokens",
    "cache_creation_input_tokens": "gen_ai.usage.cache_creation.input_tokens",
}


def translated(span: ReadableSpan, resource: Resource) -> ReadableSpan:
    """``span``, one of MLflow's that has ended, as collectors know it."""
    attributes = {name: _decoded(value) for name, value in dict(span.attributes or {}).items()}
    operation = _operation(attributes)
    if operation is None or os.environ.get("MLFLOW_ENABLE_OTEL_GENAI_SEMCONV", "").lower() in ("false", "0"):
        return _copy(span, span.name, dict(span.attributes or {}), span.kind, resource)
    message_format = json.dumps(_message_format(attributes))
    asked = {**dict(span.attributes or {}), "mlflow.message.format": message_format}
    known = dict(translate_span_to_genai(_copy(span, span.name, asked, span.kind, resource)).attributes or {})
    found = {name: _plain(attributes[name]) if name in attributes else value for name, value in known.items()}
    found |= _mended(attributes, operation)
    if "gen_ai.input.messages" not in found and "gen_ai.tool.call.arguments" not in found:
        found |= {name: value for name, value in asked.items() if name == "mlflow.spanInputs"}
    if "gen_ai.output.messages" not in found and operation in ("invoke_agent", "retrieval"):
        found |= {name: value for name, value in asked.items() if name == "mlflow.spanOutputs"}
    failure = next((e.attributes for e in reversed(span.events) if e.name == "exception" and e.attributes), None)
    if span.status.status_code is StatusCode.ERROR:
        found["error.type"] = str((failure or {}).get("exception.type") or "_OTHER")
    target = found.get("gen_ai.tool.name") or found.get("gen_ai.agent.name") or found.get("gen_ai.request.model")
    kind = SpanKind.INTERNAL if operation in ("execute_tool", "invoke_agent") else SpanKind.CLIENT
    return _copy(span, f"{operation} {target}" if target else operation, found, kind, resource)


def _operation(attributes: Mapping[str, Any]) -> str | None:
    operation = _OPERATIONS.get(str(attributes.get("mlflow.spanType")))
    call_type = str(attributes.get("call_type") or "")
    if operation != "chat" or not call_type:
        return operation
    if "text_completion" in call_type:
        return "text_completion"
    return "generate_content" if any(word in call_type for word in ("image", "speech", "transcription")) else "chat"


def _message_format(attributes: Mapping[str, Any]) -> str:
    """Which of MLflow's readers of messages fits: it tells Responses from chat completions by the inputs."""
    said = attributes.get("mlflow.message.format")
    return said if isinstance(said, str) else "anthropic" if _is_anthropic(attributes.get("mlflow.spanOutputs")) else "openai"


def _is_anthropic(outputs: Any) -> bool:
    return isinstance(outputs, dict) and outputs.get("type") == "message" and isinstance(outputs.get("content"), list)


def _mended(attributes: Mapping[str, Any], operation: str) -> dict[str, Any]:
    found: dict[str, Any] = {"gen_ai.operation.name": operation}
    if provider := attributes.get("mlflow.llm.provider"):
        # The second is the first's name in earlier versions of the conventions.
        found |= dict.fromkeys(("gen_ai.provider.name", "gen_ai.system"), _PROVIDERS.get(provider, provider))
    usage = attributes.get("mlflow.chat.tokenUsage")
    if isinstance(usage, dict):
        found |= {name: usage[part] for part, name in _CACHE_TOKENS.items() if usage.get(part)}
    if operation == "text_completion":
        found |= _texts(attributes.get("mlflow.spanInputs"), attributes.get("mlflow.spanOutputs"))
    return found


def _texts(inputs: Any, outputs: Any) -> dict[str, str]:
    """The prompt and the replies of a text completion, as messages."""
    found: dict[str, str] = {}
    if isinstance(inputs, dict) and isinstance(prompt := inputs.get("prompt"), str):
        found["gen_ai.input.messages"] = json.dumps([_message("user", prompt)])
    choices = outputs.get("choices") if isinstance(outputs, dict) else None
    if isinstance(choices, list):
        replies = [
            {**_message("assistant", str(choice.get("text") or "")), "finish_reason": choice.get("finish_reason") or "stop"}
            for choice in choices
        ]
        found["gen_ai.output.messages"] = json.dumps(replies)
    return found


def _message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def _copy(span: ReadableSpan, name: str, attributes: dict[str, Any], kind: SpanKind, resource: Resource) -> ReadableSpan:
    return ReadableSpan(
        name=name,
        context=span.context,
        parent=span.parent,
        resource=resource,
        attributes=attributes,
        events=span.events,
        links=span.links,
        kind=kind,
        instrumentation_scope=span.instrumentation_scope,
        status=span.status,
        start_time=span.start_time,
        end_time=span.end_time,
    )


def _decoded(value: Any) -> Any:
    """MLflow writes attributes as JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _plain(value: Any) -> Any:
    """A value as an attribute may have it: other tools do not expect quotation marks around a text."""
    return value if isinstance(value, str | bool | int | float) else json.dumps(value)
