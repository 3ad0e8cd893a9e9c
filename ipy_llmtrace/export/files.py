"""A cell's trace as a file: a page (``.html``) or OTLP/JSON (``.json``), and OTLP/JSON back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ..bundle import BundleMissing, bundled
from ..file_replacement import replace_file
from ..options import UsageMistake
from ..redaction.redactor import Redactor
from ..trace.feedback import Feedback
from ..trace.lone_surrogates import replaced
from ..trace.span import Span
from . import otlp_json
from .page import page


def save(path: str | Path, spans: Sequence[Span], label: str, redactor: Redactor, feedback: Sequence[Feedback] = ()) -> Path:
    """Write the spans, and on a page the feedback on them, in the form that the path's ending names; the absolute path.

    Raises `UsageMistake` when there is no such form or the path cannot be written; a file that is there is whole then.
    """
    target = _absolute(path)
    if target.suffix.lower() in (".html", ".htm"):
        text = _page(spans, label, redactor, feedback)
    elif target.suffix.lower() == ".json":
        text = json.dumps(otlp_json.export(spans, redactor), ensure_ascii=False, allow_nan=False)
    else:
        raise UsageMistake(f"{path}: a trace is exported as .html (a page) or .json (OTLP), by the ending of the path")
    try:
        # Lone surrogates may stand in every name and key that a model or a tool made up.
        replace_file(target, [replaced(text).encode()])
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise UsageMistake(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from None
    return target


def load(path: str | Path) -> list[Span]:
    """The spans of an OTLP/JSON file. Raises `UsageMistake` when it cannot be read or is none."""
    target = _absolute(path)
    try:
        return otlp_json.read(json.loads(target.read_text("utf-8")))
    except OSError as error:
        raise UsageMistake(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UsageMistake(f"{path} is no OTLP/JSON file: {error}") from None


def _absolute(path: str | Path) -> Path:
    try:
        return Path(path).expanduser().absolute()
    except (OSError, RuntimeError) as error:  # the working directory is gone; no such user
        raise UsageMistake(f"{path} cannot be found: {getattr(error, 'strerror', None) or error}") from None


def _page(spans: Sequence[Span], label: str, redactor: Redactor, feedback: Sequence[Feedback]) -> str:
    try:
        return page(spans, label, redactor, bundled("page.js"), bundled("page.css"), feedback=feedback)
    except BundleMissing as missing:
        raise UsageMistake(str(missing)) from None
