"""All that touches mlflow or litellm. It turns their spans into `Change`s and knows nothing of cells or widgets."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Container, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING

from ..guard import Failure, Guard
from .delivery.otlp_endpoint import Otlp
from .delivery.otlp_endpoint import wanted as wanted_otlp
from .delivery.status import DeliveryStatus
from .delivery.trace_locations import TraceLocations
from .interruptions import CANCELLED, INTERRUPTED, Interruptions
from .libraries import Copies, Hook, Libraries, NotHooked, copies, version
from .listener import Listener
from .mlflow_environment import EXPORT_SETTINGS, Environment
from .stale_modules import forget_stale
from .threads import ThreadCarrier

if TYPE_CHECKING:
    from .litellm.logger import LiveLogger
    from .mlflow_hook import MlflowHook


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
        self._libraries = self._make_libraries()
        self._environment = Environment()
        self._threads = self._make_threads()
        self._mlflow: dict[Copies, MlflowHook] = {}
        self._litellm: dict[Copies, LiveLogger] = {}
        self._stopped: list[MlflowHook] = []
        self._wanted: tuple[str | None, str | None] = (None, None)
        self._own_display = False
        self._on = False
        self._otlp: tuple[str | None, bool] = (None, False)
        self._otlp_problem = ""
        self._plain_autolog = False

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
        self._guard.say_again()
        self._libraries, self._threads = self._make_libraries(), self._make_threads()
        self._on = True
        self._otlp, self._otlp_problem = (otlp, otlp_only), ""
        self._environment.quiet()
        self._environment.set(EXPORT_SETTINGS)
        self._wanted = (tracking_uri, experiment)
        self._own_display = own_display
        if threads:
            self._threads.install()
        self._libraries.start()

    def stop(self) -> None:
        """Leave mlflow, litellm, threads and the environment as `start` found them."""
        self._on = False
        self._libraries.stop()
        self._threads.remove()
        while self._litellm:
            self._guard(self._litellm.popitem()[1].remove)()
        if self._plain_autolog:
            self._plain_autolog = False
            importlib.import_module("mlflow.litellm").autolog(disable=True, silent=True)
        self._stopped = [*self._mlflow.values()]
        while self._mlflow:
            self._mlflow.popitem()[1].remove()
        self._environment.restore()

    def hook_imported(self) -> None:
        """Hook what is imported and is not hooked: code can get round the import hooks."""
        self._guard(self._libraries.ensure)()

    def hooked(self) -> list[str]:
        """Which libraries are hooked, and why one is not; each a part of a line."""
        return self._libraries.told()

    def left_cell(self, span_ids: Container[str], *, interrupted: bool) -> None:
        """A cell's code has run on this thread: end those of the cell's calls that nothing will end any more. Its other spans
        may be meant to stay open for a later cell, but not by code that was interrupted.

        Parameters
        ----------
        span_ids
            The ids of the cell's spans.
        """
        for logger in self._litellm.values():
            self._guard(logger.leave_cell)(span_ids, INTERRUPTED if interrupted else None)
        for hook in self._mlflow.values() if interrupted else ():
            hook.interrupted(span_ids)

    def leaving_span(self, span_id: str, failure: str | None) -> None:
        """A span is ending, which MLflow does not know yet; ``failure`` describes how it failed, if it did."""
        for logger in self._litellm.values():
            logger.leave_span(span_id, failure if failure in (INTERRUPTED, CANCELLED) else None)

    def flush(self, progress: Callable[[int], None]) -> DeliveryStatus:
        """Wait until the store has every ended span, or does not take it: what is left.

        Parameters
        ----------
        progress
            Takes the number of traces that are not stored yet, now and again.
        """
        return sum((hook.flush(progress) for hook in self._hooks()), DeliveryStatus())

    def delivery_status(self) -> DeliveryStatus:
        """What waits to be stored, and why."""
        return sum((hook.delivery_status() for hook in self._hooks()), DeliveryStatus())

    def failures(self) -> list[Failure]:
        """What failed in the recorder itself."""
        return self._guard.failures()

    def look(self) -> None:
        """Count what other processes have left for the stores in use, forked children above all, in `delivery_status`."""
        for hook in self._hooks():
            hook.look()

    def otlp(self) -> Otlp | None:
        """What goes by OTLP, as things are now; nothing while the recorder is off."""
        hook = self._in_use()
        if hook is not None:
            return None if hook.outbox is None else hook.outbox.otlp
        return self._choose_otlp() if self._on else None

    def store(self) -> str | None:
        """The tracking URI in a form that is good in every directory; ``None`` while mlflow is not imported."""
        hook = self._in_use()
        return None if hook is None else hook.store()

    def waits(self, trace_id: str) -> bool:
        """Whether something of a trace is not stored yet."""
        return any(hook.waits(trace_id) for hook in [*self._mlflow.values(), *self._stopped])

    def destination(self) -> str | None:
        """The tracking URI, or ``None`` while mlflow is not imported."""
        hook = self._in_use()
        return None if hook is None else hook.destination()

    def _in_use(self) -> MlflowHook | None:
        return self._mlflow.get(copies("mlflow"))

    def _hooks(self) -> list[MlflowHook]:
        """All that are, or the last that were."""
        return list(self._mlflow.values()) or self._stopped

    def _make_libraries(self) -> Libraries:
        mlflow = Hook(self._hook_mlflow, lambda: self._mlflow)
        litellm = Hook(self._hook_litellm, lambda: self._litellm, self._litellm_executed_again)
        return Libraries({"mlflow": mlflow, "litellm": litellm}, self._listener.say, self._guard)

    def _make_threads(self) -> ThreadCarrier:
        return ThreadCarrier(self._guard(self._carry), self._guard)

    def _hook_mlflow(self) -> None:
        _check_version("mlflow")
        forget_stale()
        module = importlib.import_module(".mlflow_hook", __package__)
        hook: MlflowHook = module.MlflowHook(self._listener, self, self._guard)
        self._mlflow[copies("mlflow")] = hook
        hook.install(*self._wanted, self._own_display, self._choose_otlp, self.trace_locations, self._interruptions)

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
        now = copies("litellm")
        if now in self._litellm:
            return  # by the import of mlflow
        if copies("mlflow") not in self._mlflow:
            raise NotHooked("litellm is not traced without mlflow")
        _check_version("litellm")
        for before in [before for before in self._litellm if before[0] is now[0]]:
            # mlflow was imported anew: spans are to be made in the copy that is in use.
            self._guard(self._litellm.pop(before).remove)()
        forget_stale()
        try:
            module = importlib.import_module(".litellm.logger", __package__)
            logger: LiveLogger = module.LiveLogger(self._listener, self._interruptions, self._guard)
            logger.install()
        except (ImportError, AttributeError) as error:
            self._plain_autolog = True
            importlib.import_module("mlflow.litellm").autolog(silent=True)
            raise NotHooked(f"this litellm cannot be traced live ({error}); its calls show when they have ended") from None
        self._litellm[now] = logger

    def _litellm_executed_again(self) -> None:
        self._litellm[copies("litellm")].reinstall()

    def _carry(self) -> AbstractContextManager[object] | None:
        found = [self._listener.carry_cell(), *(self._guard(hook.carry_span)() for hook in self._mlflow.values())]
        contexts = [context for context in found if context is not None]
        return _all(contexts) if contexts else None


def _check_version(library: str) -> None:
    """Raise `NotHooked` when ``library`` is older than what was tested."""
    installed, needed = version(library), MIN_VERSIONS[library]
    if installed is not None and _release(installed) < _release(needed):
        raise NotHooked(f"{library} {installed} is too old to be traced; pip install -U '{library}>={needed}'")


def _release(version: str) -> tuple[int, ...]:
    """The leading numbers of a version: ``3.17.0rc1`` gives (3, 17, 0)."""
    return tuple(int(part) for part in re.match(r"\d+(?:\.\d+)*", version).group().split("."))  # pyright: ignore[reportOptionalMemberAccess]


@contextmanager
def _all(contexts: list[AbstractContextManager[object]]) -> Iterator[None]:
    with ExitStack() as stack:
        for context in contexts:
            stack.enter_context(context)
        yield
