"""All that is hooked in one copy of mlflow: its spans, its exporter, its display, how its spans end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Container

from ..guard import Guard
from ..tracking_uri import absolute
from . import mlflow_display, mlflow_spans, mlflow_uri
from .delivery import mlflow_exporter
from .delivery.otlp_endpoint import Otlp
from .delivery.outbox import Outbox
from .delivery.spool_directory import spools_of_user
from .delivery.status import DeliveryStatus
from .delivery.trace_locations import TraceLocations
from .endings import Endings
from .interruptions import Interruptions
from .listener import Listener
from .mlflow_destination import Destination
from .patches import Patches


class MlflowHook:
    """Hooks the copy of mlflow that this module was imported with, from `install` to `remove`."""

    def __init__(self, listener: Listener, leaver: mlflow_spans.SpanLeaver, guard: Guard) -> None:
        self._guard = guard
        self._listener = listener
        self._patches = Patches()
        self._destination = Destination()
        self._tap = mlflow_spans.SpanTap(listener, leaver, guard)
        self._installed = False
        self.outbox: Outbox | None = None

    def install(
        self,
        tracking_uri: str | None,
        experiment: str | None,
        own_display: bool,
        choose_otlp: Callable[[], Otlp | None],
        locations: TraceLocations,
        interruptions: Interruptions,
    ) -> None:
        """See MLflow's spans, and bring what ends to the stores in MLflow's place; parameters as of `Recorder.start`.

        Parameters
        ----------
        choose_otlp
            What goes by OTLP; asked whenever MLflow would ask itself.
        locations
            Where is noted in which store and experiment each trace is.
        """
        self._installed = True
        self._guard(self._destination.set)(tracking_uri, experiment)
        self._tap.install()
        if own_display:
            self._guard(mlflow_display.switch_off)(self._patches)
        self._take_over_export(choose_otlp, locations)
        Endings(interruptions, self._guard).install(self._patches)

    def _take_over_export(self, choose_otlp: Callable[[], Otlp | None], locations: TraceLocations) -> None:
        changed = self._guard(self._listener.delivery_changed)
        box = Outbox(spools_of_user(), changed, self._guard.report, self._listener.say)
        try:
            mlflow_exporter.install(box, choose_otlp, self._patches, locations)
        except mlflow_exporter.InternalsChanged as error:
            self._listener.say(
                f"llmtrace: this mlflow stores traces by itself ({error}); a restart loses what it has not stored yet"
            )
            return
        self.outbox = box
        self._guard(mlflow_exporter.deliver_leftovers)(box)

    def remove(self) -> None:
        """Leave mlflow as it was; what has ended is still brought to its store."""
        self._installed = False
        self._guard(self._tap.remove)()
        self._patches.restore()
        if self.outbox is not None:
            self._guard(self.outbox.close)()
            self._guard(mlflow_exporter.give_back)()
        self._guard(self._destination.restore)()

    def interrupted(self, span_ids: Container[str]) -> None:
        """As `mlflow_spans.SpanTap.interrupted`."""
        self._guard(self._tap.interrupted)(span_ids)

    def flush(self, progress: Callable[[int], None]) -> DeliveryStatus:
        """As `ipy_llmtrace.recorder.Recorder.flush`."""
        left = DeliveryStatus() if self.outbox is None else self.outbox.flush(progress)
        if self._installed and left.settled:
            mlflow_spans.flush()
        return left

    def delivery_status(self) -> DeliveryStatus:
        """What waits to be stored, and why."""
        return DeliveryStatus() if self.outbox is None else self.outbox.status()

    def look(self) -> None:
        """As `ipy_llmtrace.recorder.Recorder.look`."""
        if self.outbox is not None:
            self.outbox.look()

    def waits(self, trace_id: str) -> bool:
        """Whether something of a trace is not stored yet."""
        is_open = self._installed and self._tap.has_open(trace_id)
        return is_open or (self.outbox is not None and self.outbox.waits(trace_id))

    def destination(self) -> str:
        """The tracking URI."""
        return mlflow_uri.tracking_uri()

    def store(self) -> str:
        """The tracking URI in a form that is good in every directory."""
        return absolute(self.destination())

    def carry_span(self) -> contextlib.AbstractContextManager[object] | None:
        """What makes the caller's active span the active one in another thread; ``None`` without an active span."""
        return mlflow_spans.carry_span()
