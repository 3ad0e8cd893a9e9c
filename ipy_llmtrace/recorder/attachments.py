"""Images, sounds and files where they were in a span's inputs and outputs.

MLflow takes their base64 out (``LiveSpan.set_inputs``), keeps the bytes beside the trace, and leaves a reference to them. Here
they are put back, for what is shown and copied; what MLflow stores stays as it is.

Those of a stored trace are fetched from where the store keeps them, as far as that goes quickly.

MLflow internals relied on: ``InMemoryTraceManager``, ``LiveSpan._attachments`` (by id, each with ``content_type`` and
``content_bytes``), and the form of a reference, ``mlflow-attachment://ID?...``. Without them the references stay; so their
modules are imported where they are needed, and not before.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false
from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mlflow.entities import Span as MlflowSpan
from opentelemetry.sdk.trace import ReadableSpan

from ..clock import monotonic
from ..trace.span import Json

FETCH_S = 5.0
FETCH_BYTES = 20_000_000
"""How long, and how much, may be fetched for one stored trace."""

_REFERENCE = "mlflow-attachment://"
_REFERENCES = re.compile(_REFERENCE + r'[0-9a-f-]{36}\?[^"\\\s]+')

_BARE = frozenset(
    {("input_audio", "data"), ("audio", "data"), ("source", "data"), ("source", "bytes"), ("inline_data", "data")}
)
"""Where the APIs have base64 without ``data:`` before it: the key of an object, and the key in it."""


class _Text(str):
    """A string that can be held weakly."""

    __slots__ = ("__weakref__",)


_shared: weakref.WeakValueDictionary[tuple[bytes, str], _Text] = weakref.WeakValueDictionary()
"""What has been put back, by its digest and what is before it, for as long as a span has it: an agent sends its images again
with every call."""


def attached(span: ReadableSpan) -> Mapping[str, Any]:
    """What MLflow has taken out of a span, by id; nothing when it has forgotten the span's trace, as it does at its end."""
    from mlflow.tracing.trace_manager import InMemoryTraceManager

    manager: Any = InMemoryTraceManager.get_instance()
    context = span.context
    assert context is not None
    trace_id = manager.get_mlflow_trace_id_from_otel_id(context.trace_id)
    live = manager.get_span_from_id(trace_id, f"{context.span_id:016x}") if trace_id else None
    return {} if live is None else dict(live._attachments)


def fetch(spans: Iterable[MlflowSpan], download: Callable[[str], bytes]) -> None:
    """Give the spans of a stored trace their attachments; a reference stays where that takes too long, or fails.

    Parameters
    ----------
    download
        Returns the content of an attachment of this trace, by its id; may raise anything.
    """
    from mlflow.tracing.attachments import Attachment

    end_s, left_bytes = monotonic() + FETCH_S, FETCH_BYTES
    for span in spans:
        for reference in _references(span):
            if monotonic() > end_s:
                return
            found: dict[str, Any] = Attachment.parse_ref(reference) or {}
            size_bytes = found.get("size")
            if size_bytes is None or size_bytes > left_bytes:
                continue
            with contextlib.suppress(Exception):  # whatever a store's are
                content = download(found["attachment_id"])
                left_bytes -= len(content)
                # The size is what the trace claims.
                if len(content) <= size_bytes:
                    kept = Attachment(content_type=found["content_type"], content_bytes=content)
                    span._attachments[found["attachment_id"]] = kept


def _references(span: MlflowSpan) -> list[str]:
    attributes = span._span.attributes or {}
    return [
        reference
        for name in ("mlflow.spanInputs", "mlflow.spanOutputs")
        for reference in _REFERENCES.findall(str(attributes.get(name, "")))
    ]


def put_back(value: Json, attachments: Mapping[str, Any]) -> Json:
    """A span's inputs or outputs, which are changed, with the ``attachments`` of that span in the place of its references."""
    top = [value]
    # Not by recursion: a value can be nested deeper than Python's stack.
    stack: list[tuple[Any, Any]] = [("", top)]
    while stack:
        above, holder = stack.pop()
        for key, member in list(holder.items() if isinstance(holder, dict) else enumerate(holder)):
            if isinstance(member, dict | list):
                stack.append((key, member))
            elif isinstance(member, str) and member.startswith(_REFERENCE):
                found = attachments.get(member.removeprefix(_REFERENCE).partition("?")[0])
                if found is not None:
                    holder[key] = _written(found, bare=_is_bare(above, key, holder))
    return top[0]


def size_chars(attachments: Mapping[str, Any]) -> int:
    """How long they are in base64."""
    return sum(len(attachment.content_bytes) * 4 // 3 for attachment in attachments.values())


def _is_bare(above: Any, key: Any, holder: Any) -> bool:
    image = key == "b64_json" or (key == "result" and holder.get("type") == "image_generation_call")
    return image or (above, key) in _BARE


def _written(attachment: Any, *, bare: bool) -> str:
    content: bytes = attachment.content_bytes
    before = "" if bare else f"data:{attachment.content_type};base64,"
    key = hashlib.sha256(content).digest(), before
    found = _shared.get(key)
    if found is None:
        found = _shared[key] = _Text(before + base64.b64encode(content).decode())
    return found
