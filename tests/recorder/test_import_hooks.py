"""Hooks that run after the user's import, however often and by whatever means."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any
from zipfile import ZipFile

import pytest

from ipy_llmtrace.recorder.import_hooks import ImportHooks, is_imported


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
    (package / "__main__.py").write_text("import a_library\n")
    (package / "part.py").write_text("import a_library\nvalue = a_library.value + 1\n")
    (package / "data.txt").write_text("data")
    monkeypatch.syspath_prepend(tmp_path)
    yield "a_library"
    forget("a_library")


def forget(library: str) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        del sys.modules[name]


def lazily(library: str) -> ModuleType:
    """The lazy import of importlib's documentation."""
    spec = importlib.util.find_spec(library)
    assert spec is not None
    assert spec.loader is not None
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[library] = module
    spec.loader.exec_module(module)
    return module


def by_hand(library: str) -> ModuleType:
    spec = importlib.util.find_spec(library)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[library] = module
    spec.loader.exec_module(module)
    return module


def test_is_told_after_the_module_is_whole(hooks: ImportHooks, library: str) -> None:
    seen: list[int] = []
    hooks.watch(library, lambda: seen.append(sys.modules[library].value))
    assert seen == []
    importlib.import_module(f"{library}.part")
    assert seen == [1]


QUESTIONS: dict[str, Callable[[str], Any]] = {
    "find_spec": importlib.util.find_spec,
    "iter_modules": lambda library: [m.module_finder.find_spec(m.name) for m in pkgutil.iter_modules() if m.name == library],
    "source": lambda library: importlib.util.find_spec(library).loader.get_source(library),  # pyright: ignore
    "data": lambda library: importlib.util.find_spec(library).loader.get_data(__file__),  # pyright: ignore
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_uses_nothing_up(hooks: ImportHooks, library: str, question: str) -> None:
    seen: list[str] = []
    hooks.watch(library, lambda: seen.append("told"))
    for _ in range(2):
        QUESTIONS[question](library)
    assert seen == []
    importlib.import_module(library)
    assert seen == ["told"]


IMPORTS: dict[str, Callable[[str], Any]] = {
    "import": importlib.import_module,
    "of a part": lambda library: importlib.import_module(f"{library}.part"),
    "lazily": lambda library: lazily(library).value,
    "by hand": by_hand,
    "pkgutil.get_data": lambda library: pkgutil.get_data(library, "data.txt"),
    "pkgutil.resolve_name": lambda library: pkgutil.resolve_name(f"{library}:value"),
    "importlib.resources": lambda library: resources.files(library),
    "find_spec of a part": lambda library: importlib.util.find_spec(f"{library}.part"),
}


@pytest.mark.parametrize("road", IMPORTS)
def test_every_road_in_is_told(hooks: ImportHooks, library: str, road: str) -> None:
    seen: list[str] = []
    hooks.watch(library, lambda: seen.append("told"))
    importlib.util.find_spec(library)
    IMPORTS[road](library)
    assert seen == ["told"]
    assert is_imported(library)


def test_a_lazy_module_is_not_executed_by_us_and_told_when_it_is_used(hooks: ImportHooks, library: str) -> None:
    module = lazily(library)
    seen: list[str] = []
    hooks.watch(library, lambda: seen.append("told"))
    assert not is_imported(library)
    assert seen == []
    assert module.value == 1
    assert seen == ["told"]


def test_each_execution_is_told(hooks: ImportHooks, library: str) -> None:
    seen: list[ModuleType] = []
    hooks.watch(library, lambda: seen.append(sys.modules[library]))
    first = importlib.import_module(library)
    importlib.reload(first)
    forget(library)
    second = importlib.import_module(library)
    assert seen == [first, first, second]
    assert second is not first


def test_an_import_that_fails_is_told_when_it_works(hooks: ImportHooks, library: str, tmp_path: Path) -> None:
    seen: list[str] = []
    hooks.watch(library, lambda: seen.append("told"))
    source = tmp_path / library / "__init__.py"
    source.write_text("raise ImportError('not today')")
    with pytest.raises(ImportError, match="not today"):
        importlib.import_module(library)
    assert seen == []
    source.write_text("value = 1  # of another length")
    importlib.import_module(library)
    assert seen == ["told"]


def test_the_module_and_its_loader_are_as_without_us(hooks: ImportHooks, library: str) -> None:
    without = importlib.import_module(library)
    forget(library)
    hooks.watch(library, lambda: None)
    module = importlib.import_module(library)
    assert module.__spec__ is not None
    assert module.__spec__.loader is module.__loader__
    assert type(module.__loader__) is type(without.__loader__)
    assert vars(module.__loader__) == vars(without.__loader__)
    assert set(vars(module)) == set(vars(without))
    assert (resources.files(library) / "data.txt").read_text() == "data"


def test_a_module_in_an_archive_is_told_and_no_other_of_the_archive(
    hooks: ImportHooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("a_library.py", "import a_neighbour\nvalue = 1\n")
        archive.writestr("a_neighbour.py", "value = 2\n")
    monkeypatch.syspath_prepend(tmp_path / "archive.zip")
    seen: list[int] = []
    hooks.watch("a_library", lambda: seen.append(sys.modules["a_library"].value))
    importlib.import_module("a_library")
    assert seen == [1]
    forget("a_library")
    forget("a_neighbour")


def test_another_finder_in_front_that_asks_the_rest_is_told_once(hooks: ImportHooks, library: str) -> None:
    class Delegating:
        """As wrapt's import hooks: it asks all finders, and is one of them."""

        asking = False

        def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
            if self.asking or name != library:
                return None
            self.asking = True
            try:
                return importlib.util.find_spec(name)
            finally:
                self.asking = False

    seen: list[str] = []
    hooks.watch(library, lambda: seen.append("told"))
    finder: Any = Delegating()
    sys.meta_path.insert(0, finder)
    try:
        importlib.import_module(library)
    finally:
        sys.meta_path.remove(finder)
    assert seen == ["told"]


def test_removed_it_tells_nothing_even_by_a_loader_that_it_gave_out(hooks: ImportHooks, library: str) -> None:
    seen: list[str] = []
    hooks.watch(library, lambda: seen.append("told"))
    spec = importlib.util.find_spec(library)
    assert spec is not None
    assert spec.loader is not None
    hooks.remove()
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    importlib.import_module(library)
    assert seen == []
    assert hooks not in sys.meta_path


def test_a_module_that_is_not_there_raises_as_ever(hooks: ImportHooks) -> None:
    hooks.watch("no_such_library_anywhere", lambda: None)
    assert importlib.util.find_spec("no_such_library_anywhere") is None
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("no_such_library_anywhere")
