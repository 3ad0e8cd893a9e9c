"""Sentences about where traces go, and what keeps them from it."""

from __future__ import annotations

import os

from ..options import Options
from ..recorder import Recorder
from ..redaction.redactor import Redactor
from ..render import format
from ..tracking_uri import from_here, masked


class DeliveryNotes:
    """What a recorder's delivery comes to, in words, without passwords.

    Parameters
    ----------
    options
        Say what was asked for: before mlflow is imported the recorder does not know more.
    """

    def __init__(self, recorder: Recorder, options: Options) -> None:
        self._recorder = recorder
        self._options = options

    def destination(self) -> str:
        """Where traces go."""
        asked = self._options
        uri = self._recorder.destination() or asked.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI")
        uri = masked(uri or "MLflow's default, a local SQLite file")
        place = f"experiment {asked.experiment} in {uri}" if asked.experiment else uri
        otlp = self._recorder.otlp()
        if otlp is not None:
            place = str(otlp.endpoint) if otlp.only else f"{place} and {otlp.endpoint}"
        return Redactor.of_process().text(place)

    def footer(self) -> list[str]:
        """For below each view: where the traces go, and what was given up."""
        return [f"traces in {from_here(self.destination())}", *self._recorder.delivery_status().losses()]

    def troubles(self) -> list[str]:
        """What cannot be stored at present."""
        redactor = self._options.redactor()
        return [format.visible(redactor.text(line)) for line in self._recorder.delivery_status().troubles()]

    def all_stored(self) -> str:
        """That nothing is left to deliver."""
        otlp = self._recorder.otlp()
        has = "the store has" if otlp is None else "the collector has" if otlp.only else "the store and the collector have"
        return f"{has} everything"
