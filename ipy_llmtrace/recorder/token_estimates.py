"""LiteLLM's own token count of a call for which the server sent none, and what that many tokens cost.

Counted on our threads, never on the user's: whoever reads the ended span first counts, whoever comes after finds it. It asks
nothing of the network: images have LiteLLM's default size, and a tokenizer that would have to be fetched is not used.

LiteLLM functions relied on: ``token_counter`` with ``use_default_image_token_count`` and ``custom_tokenizer``, and
``cost_per_token``. Where one fails there is no estimate.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import json
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from ..trace import estimates
from ..trace.conversation import conversation
from ..trace.span import Span, Tokens
from ..wire import Message

MAX_COUNTED_CHARS = 200_000
"""Of a longer prompt or reply this much is counted, and the rest taken to be like it: some 40 ms."""

REMEMBERED_SPANS = 4_096

Json = Any

_COUNTABLE = ("completion", "responses", "embedding", "anthropic", "generate_content")
"""Parts of the names of LiteLLM's call types whose price is one of tokens of text."""

_FETCHED = ("command-r", "llama-2", "llama2", "llama-3", "llama3", "replicate")
"""In the names of models whose tokenizer LiteLLM fetches from Hugging Face."""

_known: OrderedDict[tuple[str, int], dict[str, Json]] = OrderedDict()
_lock = threading.Lock()


def added(span: Span) -> Span:
    """The span with an estimate, if it is an ended call of LiteLLM's for which the server sent no token counts."""
    found = _attributes(span)
    if not found:
        return span
    return replace(
        span,
        attributes={**span.attributes, **found},
        estimated_tokens=estimates.read_tokens(found),
        estimated_cost_usd=estimates.read_cost_usd(found),
    )


def written(ended: ReadableSpan, attributes: Mapping[str, Json], read: Callable[[ReadableSpan], Span]) -> dict[str, str]:
    """The estimate for an ended span as MLflow writes attributes; empty without one.

    Parameters
    ----------
    attributes
        Of the span, as MLflow writes them.
    read
        Makes our record of the span, where nobody has counted yet.
    """
    if "litellm_call_id" not in attributes or "mlflow.chat.tokenUsage" in attributes:
        return {}
    context = ended.context
    known = None if context is None else _known.get((f"{context.span_id:016x}", ended.start_time or 0))
    found = _attributes(read(ended)) if known is None else known
    return {name: json.dumps(value) for name, value in found.items()}


def _attributes(span: Span) -> dict[str, Json]:
    if not _is_uncounted(span):
        return {}
    # Ids can repeat: random.seed in the user's code repeats MLflow's.
    key = (span.span_id, span.start_ns)
    with _lock:
        found = _known.get(key)
        if found is None:
            found = _known[key] = _estimated(span)
            while len(_known) > REMEMBERED_SPANS:
                _known.popitem(last=False)
        return found


def _is_uncounted(span: Span) -> bool:
    call_type = span.attributes.get("call_type")
    if span.end_ns is None or not isinstance(call_type, str) or "litellm_call_id" not in span.attributes:
        return False
    if not any(part in call_type for part in _COUNTABLE) or (span.tokens, span.cost_usd) != (None, None):
        return False
    if span.hidden_by is not None:
        return False  # there is nothing to count
    # A call that failed before its reply took nothing.
    return span.status == "ok" or span.outputs is not None


def _estimated(span: Span) -> dict[str, Json]:
    litellm = sys.modules.get("litellm")
    if litellm is None:
        return {}
    count = _Counter(litellm, span.model or "")
    try:
        chat = conversation(span)
        asked = count.request(span.inputs, [] if chat is None else chat["messages"])
        replied = 0 if chat is None else count.text("".join(map(_text, chat["replies"])))
    except Exception:  # it counts what the user sent and what the server replied, whatever that is
        return {}
    tokens = Tokens(input=asked, output=None if span.type == "EMBEDDING" else replied)
    return estimates.written(tokens, _price(litellm, span, tokens)) if tokens.total else {}


class _Counter:
    """LiteLLM's counter for one model."""

    def __init__(self, litellm: Any, model: str) -> None:
        self._litellm = litellm
        self._options: dict[str, Any] = {"model": model}
        if any(name in model.lower() for name in _FETCHED):
            self._options["custom_tokenizer"] = {"type": "openai_tokenizer", "tokenizer": None}

    def request(self, inputs: Json, messages: list[Message]) -> int:
        """The tokens of a request, whose messages in our form are for what is no chat."""
        asked: dict[str, Json] = inputs if isinstance(inputs, dict) else {}
        listed = asked.get("messages")
        text = "".join(map(_text, messages)) or _joined(asked.get("input"))
        if isinstance(listed, list) and len(text) <= MAX_COUNTED_CHARS:
            given = {"messages": listed, "tools": asked.get("tools"), "use_default_image_token_count": True}
            return int(self._litellm.token_counter(**self._options, **given))
        return self.text(text)

    def text(self, text: str) -> int:
        """The tokens of a text."""
        if not text:
            return 0
        sample = text[:MAX_COUNTED_CHARS]
        tokens = int(self._litellm.token_counter(**self._options, text=sample))
        return round(tokens * len(text) / len(sample))


def _price(litellm: Any, span: Span, tokens: Tokens) -> float | None:
    try:
        asked, replied = litellm.cost_per_token(
            model=span.model,
            custom_llm_provider=span.provider,
            prompt_tokens=tokens.input or 0,
            completion_tokens=tokens.output or 0,
        )
    except Exception:  # LiteLLM knows no price for the model
        return None
    return float(asked + replied)


def _text(message: Message) -> str:
    """The words of a message: text, thoughts and what it asks of tools."""
    said = [part.get("text", "") for part in message["parts"]]
    return "".join([*said, *(call["name"] + call["arguments"] for call in message.get("tool_calls", []))])


def _joined(value: Json) -> str:
    """The text of an embedding's input."""
    if isinstance(value, list):
        return "\n".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else ""
