"""The libraries that are hooked when the user's code imports them, and why one is not.

`ImportHooks` tells when a library has been executed. Code can get round it: another finder in front of ours, a module made by
hand. So each cell's start asks again (`Libraries.ensure`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib import metadata
from types import ModuleType

from ..guard import Guard, error_text
from .import_hooks import ImportHooks, is_imported

Copies = tuple[ModuleType | None, ...]

_CORES = {"mlflow": ("mlflow.tracing.provider",), "litellm": ("litellm.utils", "mlflow.tracing.provider")}
"""For each library the modules that say which copies are in use, its own and that of what its spans are made with. Where only
the top module was replaced, the functions are the same, and hooked."""


def copies(library: str) -> Copies:
    """The copies in use of what ``library`` is hooked in."""
    return tuple(sys.modules.get(name) for name in _CORES[library])


class NotHooked(Exception):
    """Why a library cannot be hooked, in a line."""


@dataclass(frozen=True, slots=True)
class Hook:
    """How a library is hooked.

    Parameters
    ----------
    install
        Hooks the copies in use. Raises `NotHooked`, or anything.
    hooked
        The copies that are hooked.
    executed_again
        Called when a hooked copy has been executed once more, by ``importlib.reload``.
    """

    install: Callable[[], None]
    hooked: Callable[[], Collection[Copies]]
    executed_again: Callable[[], None] = lambda: None


class Libraries:
    """Hooks each library once a copy, from `start` to `stop`.

    Parameters
    ----------
    hooks
        By the name of the library.
    say
        Takes one line for the user.
    guard
        Takes what goes wrong in a hook.
    """

    def __init__(self, hooks: Mapping[str, Hook], say: Callable[[str], None], guard: Guard) -> None:
        self._hooks = hooks
        self._say = say
        self._guard = guard
        self._imports = ImportHooks()
        self._failed: dict[str, Copies] = {}
        self._reasons: dict[str, str] = {}

    def start(self) -> None:
        """Hook what is imported, and from now on what is being imported."""
        for name in self._hooks:
            self._imports.watch(name, lambda name=name: self._executed(name))
        self.ensure()

    def stop(self) -> None:
        """Hook nothing more."""
        self._imports.remove()
        self._failed.clear()
        self._reasons.clear()

    def ensure(self) -> None:
        """Hook what is imported and is not hooked yet."""
        for name in self._hooks:
            if is_imported(name) and self._failed.get(name) != copies(name):
                self._hook(name)

    def told(self) -> list[str]:
        """What is hooked, with its version, and why something is not; each a part of a line."""
        names = [name for name in sorted(self._hooks) if name not in self._reasons]
        hooked = [f"{name} {version(name) or ''}".rstrip() for name in names if self._hooks[name].hooked()]
        missing = [name for name in names if not self._hooks[name].hooked()]
        parts = {"hooked": hooked, "not imported yet": missing}
        return [*(f"{what}: {', '.join(found)}" for what, found in parts.items() if found), *self._reasons.values()]

    def _executed(self, name: str) -> None:
        if copies(name) in self._hooks[name].hooked():
            self._attempt(name, self._hooks[name].executed_again)
        else:
            self._hook(name)
        # The others may be hooked in copies of this one.
        self.ensure()

    def _hook(self, name: str) -> None:
        if copies(name) not in self._hooks[name].hooked():
            self._reasons.pop(name, None)
            self._attempt(name, self._hooks[name].install)

    def _attempt(self, name: str, act: Callable[[], None]) -> None:
        """The border: this runs within the user's import."""
        try:
            act()
        except NotHooked as why:
            if not self._reasons:  # what follows from the first reason need not be said
                self._say(f"llmtrace: {why}")
            self._reasons[name] = str(why)
            self._failed[name] = copies(name)
        except Exception as error:
            self._guard.report(f"hooking {name}", error)
            self._reasons[name] = f"{name} cannot be hooked ({error_text(error)})"
            self._failed[name] = copies(name)


def version(library: str) -> str | None:
    """The installed version; ``None`` for a copy that was not installed as a package."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None
