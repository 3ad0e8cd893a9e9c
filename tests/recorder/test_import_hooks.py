"""Hooks that run after the user's import."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipy_llmtrace.recorder.import_hooks import ImportHooks


@pytest.fixture
def hooks() -> Iterator[ImportHooks]:
    found = ImportHooks()
    yield found
    found.remove()


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package that nobody has imported."""
    package = tmp_path / "a_library"
    package.mkdir()
    (package / "__init__.py").write_text("value = 1\n")
    (package / "part.py").write_text("import a_library\nvalue = a_library.value + 1\n")
    (package / "data.txt").write_text("data")
    monkeypatch.syspath_prepend(tmp_path)
    yield "a_library"
    for name in [name for name in sys.modules if name.partition(".")[0] == "a_library"]:
        del sys.modules[name]


def test_runs_once_after_the_module_is_whole(hooks: ImportHooks, library: str) -> None:
    seen: list[int] = []
    hooks.after(library, lambda: seen.append(sys.modules[library].value))
    assert seen == []
    importlib.import_module(f"{library}.part")
    importlib.reload(sys.modules[library])
    assert seen == [1]


def test_runs_at_once_for_what_is_imported_already(hooks: ImportHooks, library: str) -> None:
    importlib.import_module(library)
    seen: list[str] = []
    hooks.after(library, lambda: seen.append("ran"))
    assert seen == ["ran"]
    assert hooks not in sys.meta_path


def test_the_module_keeps_its_own_loader(hooks: ImportHooks, library: str) -> None:
    from importlib import resources

    hooks.after(library, lambda: None)
    module = importlib.import_module(library)
    assert type(module.__loader__).__name__ == "SourceFileLoader"
    assert module.__spec__ is not None
    assert module.__spec__.loader is module.__loader__
    assert (resources.files(library) / "data.txt").read_text() == "data"


def test_a_removed_hook_does_not_run(hooks: ImportHooks, library: str) -> None:
    seen: list[str] = []
    hooks.after(library, lambda: seen.append("ran"))
    hooks.remove()
    importlib.import_module(library)
    assert seen == []
    assert hooks not in sys.meta_path


def test_a_module_that_is_not_there_raises_as_ever(hooks: ImportHooks) -> None:
    hooks.after("no_such_library_anywhere", lambda: None)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("no_such_library_anywhere")
