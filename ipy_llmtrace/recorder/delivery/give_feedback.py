"""Feedback goes to the store of its trace by the way that spans go, also while tracing is off."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import sys

from ...trace.feedback import Feedback
from ...tracking_uri import absolute
from .. import mlflow_uri
from .outbox import Outbox, in_use
from .spool_directory import spools_of_user


def give(feedback: Feedback, tracking_uri: str | None) -> None:
    """Store feedback, in the background, where its trace is; ``None``: where MLflow stores traces at present. It is kept on
    disk until the store has it."""
    uri = absolute(tracking_uri or mlflow_uri.tracking_uri())
    known = in_use()
    box = known or Outbox(spools_of_user(), lambda: None, _failed, _say)
    box.give(uri, feedback)
    if known is None:
        box.close()


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _failed(where: str, error: BaseException) -> None:
    _say(f"llmtrace: feedback is not kept ({where}: {error})")
