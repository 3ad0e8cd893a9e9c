"""All that touches mlflow or litellm. It turns their spans into `Change`s and knows nothing of cells or widgets."""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Callable, Container, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib import metadata
from typing import TYPE_CHECKING

from ..guard import Guard
from .delivery.otlp_endpoint import Otlp
from .delivery.otlp_endpoint import wanted as wanted_otlp
from .delivery.status import DeliveryStatus
from .delivery.trace_locations import TraceLocations
from .import_hooks import ImportHooks
from .interruptions import CANCELLED, INTERRUPTED, Interruptions
from .listener import Listener
from .mlflow_environment import EXPORT_SETTINGS, Environment
from .patches import Patches
from .threads import ThreadCarrier

if TYPE_CHECKING:
    from .delivery.outbox import Outbox
    from .litellm.logger import LiveLogger
    from .mlflow_destination import Destination
    from .mlflow_spans import SpanTap


MIN_VERSIONS = {"mlflow": "3.17.2", "litellm": "1.106.2"}
"""The oldest versions that the tests have passed with; as in pyproject.toml."""


class Recorder:
    """Records every MLflow span and every LiteLLM call between `start` and `stop`.

    Importing this module, and `start`, import neither mlflow nor litellm: hooks wait for the user's code to do so.

    Parameters
    ----------
    listener
        Takes what is recorded.

    Attributes
    ----------
    trace_locations
        The store and the experiment of each trace that has begun.
    """

    def __init__(self, listener: Listener) -> None:
        self.trace_locations = TraceLocations()
        self._listener = listener
        self._interruptions = Interruptions(listener)
        self._guard = Guard(listener.say)
        self._imports = ImportHooks()
        self._environment = Environment()
        self._threads = ThreadCarrier(self._carry_guarded, self._guard)
        self._patches = Patches()
        self._tap: SpanTap | None = None
        self._logger: LiveLogger | None = None
        self._destination: Destination | None = None
        self._wanted: tuple[str | None, str | None] = (None, None)
        self._own_display = False
        self._on = False
        self._otlp: tuple[str | None, bool] = (None, False)
        self._otlp_problem = ""
        self._plain_autolog = False
        self._outbox: Outbox | None = None
        self._closed: Outbox | None = None

    def start(
        self,
        *,
        tracking_uri: str | None = None,
        experiment: str | None = None,
        threads: bool = True,
        own_display: bool = False,
        otlp: str | None = None,
        otlp_only: bool = False,
    ) -> None:
        """Begin recording; what is imported already is hooked at once.

        Parameters
        ----------
        tracking_uri, experiment
            As MLflow's; set only if given, and put back by `stop`.
        threads
            Carry the active span and the cell into threads.
        own_display
            Switch MLflow's display of traces in notebooks off, as traces are shown by other means.
        otlp
            The URL of an OTLP receiver that is to get the spans, too; ``None``: the one that the environment names, if any.
        otlp_only
            Nothing goes to MLflow's store.
        """
        self._guard = Guard(self._listener.say)  # a new failure is worth a line of its own
        self._on = True
        self._otlp, self._otlp_problem = (otlp, otlp_only), ""
        self._environment.quiet()
        self._environment.set(EXPORT_SETTINGS)
        self._wanted = (tracking_uri, experiment)
        self._own_display = own_display
        if threads:
            self._threads.install()
        self._imports.after("mlflow", self._guard(self._hook_mlflow))
        self._imports.after("litellm", self._guard(self._hook_litellm))

    def stop(self) -> None:
        """Leave mlflow, litellm, threads and the environment as `start` found them."""
        self._on = False
        self._imports.remove()
        self._threads.remove()
        if self._logger is not None:
            self._guard(self._logger.remove)()
            self._logger = None
        if self._plain_autolog:
            self._plain_autolog = False
            importlib.import_module("mlflow.litellm").autolog(disable=True, silent=True)
        if self._tap is not None:
            self._guard(self._tap.remove)()
            self._tap = None
        self._patches.restore()
        if self._outbox is not None:
            self._guard(self._outbox.close)()
            self._closed, self._outbox = self._outbox, None
            self._guard(importlib.import_module(".delivery.mlflow_exporter", __package__).give_back)()
        if self._destination is not None:
            self._guard(self._destination.restore)()
            self._destination = None
        self._environment.restore()

    def left_cell(self, span_ids: Container[str], *, interrupted: bool) -> None:
        """A cell's code has run on this thread: end those of the cell's calls that nothing will end any more. Its other spans
        may be meant to stay open for a later cell, but not by code that was interrupted.

        Parameters
        ----------
        span_ids
            The ids of the cell's spans.
        """
        if self._logger is not None:
            self._guard(self._logger.leave_cell)(span_ids, INTERRUPTED if interrupted else None)
        if self._tap is not None and interrupted:
            self._guard(self._tap.interrupted)(span_ids)

    def leaving_span(self, span_id: str, failure: str | None) -> None:
        """A span is ending, which MLflow does not know yet; ``failure`` describes how it failed, if it did."""
        if self._logger is not None:
            self._logger.leave_span(span_id, failure if failure in (INTERRUPTED, CANCELLED) else None)

    def flush(self, progress: Callable[[int], None]) -> DeliveryStatus:
        """Wait until the store has every ended span, or does not take it: what is left.

        Parameters
        ----------
        progress
            Takes the number of traces that are not stored yet, now and again.
        """
        box = self._outbox or self._closed
        left = DeliveryStatus() if box is None else box.flush(progress)
        if self._tap is not None and left.settled:
            from . import mlflow_spans as side

            side.flush()
        return left

    def delivery_status(self) -> DeliveryStatus:
        """What waits to be stored, and why."""
        box = self._outbox or self._closed
        return DeliveryStatus() if box is None else box.status()

    def look(self) -> None:
        """Count what other processes have left for the stores in use, forked children above all, in `delivery_status`."""
        box = self._outbox or self._closed
        if box is not None:
            box.look()

    def otlp(self) -> Otlp | None:
        """What goes by OTLP, as things are now; nothing while the recorder is off."""
        if self._outbox is not None:
            return self._outbox.otlp
        return self._choose_otlp() if self._on and self._tap is None else None

    def store(self) -> str | None:
        """The tracking URI in a form that is good in every directory; ``None`` while mlflow is not imported."""
        uri = self.destination()
        if uri is None:
            return None
        from .delivery import mlflow_exporter

        return mlflow_exporter.absolute(uri)

    def waits(self, trace_id: str) -> bool:
        """Whether something of a trace is not stored yet."""
        if self._tap is not None and self._tap.has_open(trace_id):
            return True
        return any(box is not None and box.waits(trace_id) for box in (self._outbox, self._closed))

    def destination(self) -> str | None:
        """The tracking URI, or ``None`` while mlflow is not imported."""
        if self._tap is None:
            return None
        from . import mlflow_spans as side

        return side.destination()

    def _hook_mlflow(self) -> None:
        if self._too_old("mlflow"):
            return
        from . import mlflow_display
        from . import mlflow_spans as side
        from .endings import Endings
        from .mlflow_destination import Destination

        self._destination = Destination()
        self._guard(self._destination.set)(*self._wanted)
        self._tap = side.SpanTap(self._listener, self, self._guard)
        self._tap.install()
        if self._own_display:
            self._guard(mlflow_display.switch_off)(self._patches)
        self._take_over_export()
        Endings(self._interruptions, self._guard).install(self._patches)

    def _take_over_export(self) -> None:
        from .delivery import mlflow_exporter, outbox
        from .delivery.spool_directory import spools_of_user

        box = outbox.Outbox(spools_of_user(), self._listener.delivery_changed, self._guard.report, self._listener.say)
        try:
            mlflow_exporter.install(box, self._choose_otlp, self._patches, self.trace_locations)
        except mlflow_exporter.InternalsChanged as error:
            self._listener.say(
                f"llmtrace: this mlflow stores traces by itself ({error}); a restart loses what it has not stored yet"
            )
            return
        self._outbox = box
        self._guard(mlflow_exporter.deliver_leftovers)(box)

    def _choose_otlp(self) -> Otlp | None:
        try:
            return wanted_otlp(*self._otlp, os.environ)
        except ValueError as error:
            if self._otlp_problem != str(error):
                self._otlp_problem = str(error)
                self._listener.say(f"llmtrace: traces go to MLflow's store only, for no OTLP endpoint can be used: {error}")
            return None

    def _hook_litellm(self) -> None:
        importlib.import_module("mlflow")
        if self._tap is None or self._too_old("litellm"):
            return
        try:
            from .litellm import logger as side

            logger = side.LiveLogger(self._listener, self._interruptions, self._guard)
            logger.install()
        except (ImportError, AttributeError) as error:
            self._plain_autolog = True
            importlib.import_module("mlflow.litellm").autolog(silent=True)
            self._listener.say(f"llmtrace: this litellm cannot be traced live ({error}); its calls show when they have ended")
            return
        self._logger = logger

    def _too_old(self, library: str) -> bool:
        """Whether ``library`` is older than what was tested; says so."""
        installed, needed = metadata.version(library), MIN_VERSIONS[library]
        if _release(installed) >= _release(needed):
            return False
        self._listener.say(f"llmtrace: {library} {installed} is too old to be traced; pip install -U '{library}>={needed}'")
        return True

    def _carry_guarded(self) -> AbstractContextManager[object] | None:
        return self._guard(self._carry)()

    def _carry(self) -> AbstractContextManager[object] | None:
        cell = self._listener.carry_cell()
        span = self._guard(self._carry_span)()
        if cell is None and span is None:
            return None
        return _both(cell, span)

    def _carry_span(self) -> AbstractContextManager[object] | None:
        if self._tap is None:
            return None
        return sys.modules[f"{__package__}.mlflow_spans"].carry_span()


def _release(version: str) -> tuple[int, ...]:
    """The leading numbers of a version: ``3.17.0rc1`` gives (3, 17, 0)."""
    return tuple(int(part) for part in re.match(r"\d+(?:\.\d+)*", version).group().split("."))  # pyright: ignore[reportOptionalMemberAccess]


@contextmanager
def _both(*contexts: AbstractContextManager[object] | None) -> Iterator[None]:
    with ExitStack() as stack:
        for context in contexts:
            if context is not None:
                stack.enter_context(context)
        yield
