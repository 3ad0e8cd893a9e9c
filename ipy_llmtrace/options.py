"""What ``%llmtrace on`` and ``%%llmtrace`` take; the same words in the help, the errors and the README."""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import dataclass
from typing import NoReturn

from . import tracking_uri
from .redaction.redactor import Redactor

DEFAULT_MAX_SAVED_BYTES = 512_000

VIEWS = ("beside", "below", "text", "off")


class UsageMistake(Exception):
    """What the user typed cannot be done; the message is one line and says what can."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to trace.

    Parameters
    ----------
    view
        ``beside`` or ``below`` the cell's output, ``text`` printed after the cell, or ``off``.
    experiment, tracking_uri
        As MLflow's; ``None`` leaves what is set, or MLflow's default.
    threads
        Carry the cell and the active span into threads that a cell starts.
    redact
        Keep secrets out of what is shown and saved.
    max_saved_bytes
        How much a cell's trace may add to the notebook.
    otlp
        The URL of an OTLP receiver that gets the spans, too; ``None``: the one that OpenTelemetry's environment variables name.
    otlp_only
        Nothing goes to MLflow's store.
    """

    view: str = "beside"
    experiment: str | None = None
    tracking_uri: str | None = None
    threads: bool = True
    redact: bool = True
    max_saved_bytes: int = DEFAULT_MAX_SAVED_BYTES
    otlp: str | None = None
    otlp_only: bool = False

    def __post_init__(self) -> None:
        for name in ("experiment", "tracking_uri", "otlp"):
            if not isinstance(getattr(self, name), str | None):
                raise ValueError(f"{name}={getattr(self, name)!r} is not a str")
        if self.view not in VIEWS:
            raise ValueError(f"view={self.view!r} is none of {', '.join(VIEWS)}")
        if self.tracking_uri is not None and (problem := tracking_uri.problem(self.tracking_uri)):
            raise ValueError(problem)

    def redactor(self) -> Redactor:
        """Keeps secrets out of whatever is shown or saved, unless ``redact`` is off."""
        return Redactor.of_process() if self.redact else Redactor.none()


class Parser(argparse.ArgumentParser):
    """An argument parser that raises `UsageMistake` where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageMistake(f"{self.prog}: {message}")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise UsageMistake(message or "")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``on`` and ``%%llmtrace``."""
    parser.add_argument(
        "--view",
        choices=VIEWS,
        default="beside",
        help="where a cell's trace shows: beside its output (default), below it, as text after it, or not at all",
    )
    parser.add_argument("--experiment", metavar="NAME", help="the MLflow experiment; made if there is none")
    parser.add_argument("--tracking-uri", metavar="URI", type=_tracking_uri, help="where MLflow keeps the traces")
    parser.add_argument(
        "--otlp",
        metavar="URL",
        help="send the spans to an OpenTelemetry collector, too: `http://localhost:4318/v1/traces`, or with gRPC "
        "`http://localhost:4317`",
    )
    parser.add_argument("--otlp-only", action="store_true", help="keep no traces in MLflow's store")
    parser.add_argument(
        "--no-threads", dest="threads", action="store_false", help="do not carry the cell and its span into threads"
    )
    parser.add_argument(
        "--no-redact", dest="redact", action="store_false", help="show and save secrets such as API keys as they are"
    )
    parser.add_argument(
        "--max-saved",
        dest="max_saved_bytes",
        metavar="SIZE",
        type=_size,
        default=DEFAULT_MAX_SAVED_BYTES,
        help="how much a cell's trace may add to the notebook (default 512kB); 0: a static summary only, no live view",
    )


def _tracking_uri(text: str) -> str:
    if problem := tracking_uri.problem(text):
        raise argparse.ArgumentTypeError(problem)
    return text


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(k|M)?i?B?", text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 512kB, 2MB or 0")
    return int(float(match[1]) * {"k": 1000, "M": 1_000_000, None: 1}[match[2]])


STAYS_OFF = "llmtrace stays off: LLMTRACE=off is set in the environment"


def switched_off_by_environment() -> bool:
    """Whether the environment forbids tracing (``LLMTRACE=off``)."""
    return os.environ.get("LLMTRACE", "").lower() == "off"
