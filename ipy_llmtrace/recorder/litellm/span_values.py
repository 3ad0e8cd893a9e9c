"""Writes inputs, outputs and attributes into MLflow's spans, whatever they hold.

MLflow gives a span up whose values it cannot write: one that begins is not recorded, one that ends runs on for ever.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping
from typing import Any

from mlflow.entities import SpanEvent

from ...own_frames import remove_own_frames
from ..plain_values import bounded
from . import privacy


def write_inputs(span: Any, inputs: Any) -> None:
    _write(span.set_inputs, inputs)


def write_outputs(span: Any, outputs: Any) -> None:
    """``None`` is no output."""
    if outputs is not None:
        _write(span.set_outputs, outputs)


def write_attributes(span: Any, attributes: Mapping[str, Any]) -> None:
    for name, value in attributes.items():
        _write(lambda value, name=name: span.set_attribute(name, value), value)


def write_exception(span: Any, error: BaseException, hidden_by: str | None) -> None:
    """The event that an exception is in OpenTelemetry; none where the exception cannot even be told."""
    with contextlib.suppress(Exception):
        remove_own_frames(error)
        event: Any = SpanEvent.from_exception if hidden_by is None else functools.partial(privacy.failure, switch=hidden_by)
        span.add_event(event(error))


def described(error: BaseException | None, hidden_by: str | None) -> str:
    """An exception as a span's description."""
    if error is None:
        return "failed"
    try:
        return f"{type(error).__name__}: {error if hidden_by is None else f'hidden by {hidden_by}'}"
    except Exception:  # its own __str__ fails
        return type(error).__name__


def _write(put: Callable[[Any], object], value: Any) -> None:
    try:
        put(value)
    except Exception:  # it is nested too deeply, or what it holds cannot be written
        with contextlib.suppress(Exception):
            put(bounded(value))
