"""Which room of the package may import which: the list is the documentation of the layers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "ipy_llmtrace"

# From the bottom up: a room (a folder, or a file at the top) imports rooms that stand above it here, and of those only these.
# A span's way is LiteLLM -> recorder -> cells -> views -> widget. The recorder knows no cell, the views know no MLflow.
MAY_IMPORT = {
    "background": "",
    "bundle": "",
    "clock": "",
    "demo": "",
    "file_replacement": "",
    "own_frames": "",
    "redaction": "",
    "tracking_uri": "",
    "wire": "",
    "__main__": "file_replacement",
    "options": "redaction tracking_uri",
    "trace": "redaction wire",
    "encoding": "redaction trace wire",
    "render": "encoding redaction trace wire",
    "export": "bundle encoding file_replacement options redaction render trace wire",
    "guard": "redaction render",
    "recorder": "background clock file_replacement guard own_frames trace tracking_uri wire",
    "cells": "background clock export guard options recorder redaction render trace",
    "shell": "cells clock guard options own_frames recorder",
    "mlflow_ui": "cells clock options recorder redaction tracking_uri wire",
    # The widgets keep their path, which saved notebooks name; what they show comes by the protocols in it.
    "widget": "bundle clock recorder trace wire",
    "views": "bundle cells clock encoding guard mlflow_ui options recorder redaction render shell trace tracking_uri widget "
    "wire",
    "convert": "views",
    "session": "background cells clock guard mlflow_ui options recorder redaction shell views",
    "magic": "cells export options recorder redaction render session trace",
    "__init__": "cells magic options shell trace widget",
}

# Only this room imports these: their internals change, and users' calls run through them.
TRACED_LIBRARIES = {"mlflow", "litellm"}
MAY_IMPORT_TRACED_LIBRARIES = {"recorder"}


def room_of(module: str) -> str:
    """The folder or the top file of a module: ``ipy_llmtrace.views.live`` is in ``views``."""
    return [*module.split("."), "__init__"][1]


def imports() -> Iterator[tuple[str, str]]:
    """Each module of the package, and each name that it imports: at its top, in functions, for types only, or as a string."""
    for path in PACKAGE.rglob("*.py"):
        parts = [PACKAGE.name, *path.relative_to(PACKAGE).with_suffix("").parts]
        package = parts[:-1]
        module = ".".join(package if parts[-1] == "__init__" else parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for name in _imported(node, package):
                yield module, name


def _imported(node: ast.AST, package: list[str]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = _absolute("." * node.level + (node.module or ""), package)
        # `from . import views` imports a room, `from .views import base` a name of one.
        return [f"{base}.{alias.name}" for alias in node.names] if base == PACKAGE.name else [base]
    if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).endswith("import_module"):
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            return [_absolute(first.value, package)]
    return []


def _absolute(name: str, package: list[str]) -> str:
    level = len(name) - len(name.lstrip("."))
    base = package[: len(package) - level + 1] if level else []
    return ".".join([*base, *([name.lstrip(".")] if name.lstrip(".") else [])])


def test_a_room_imports_only_what_it_may() -> None:
    wrong = sorted(
        {
            f"{module} imports {name}"
            for module, name in imports()
            if name.split(".")[0] == PACKAGE.name
            and (room := room_of(module)) != (other := room_of(name))
            and other not in MAY_IMPORT.get(room, "").split()
        }
    )
    assert wrong == []


def test_there_is_no_circle_of_rooms() -> None:
    rooms = list(MAY_IMPORT)
    for at, (room, others) in enumerate(MAY_IMPORT.items()):
        assert set(others.split()) <= set(rooms[:at]), f"{room} imports a room that stands below it"


def test_every_room_is_in_the_list() -> None:
    found = {room_of(module) for module, _ in imports()}
    assert found <= set(MAY_IMPORT)


def test_only_the_recorder_imports_mlflow_and_litellm() -> None:
    wrong = sorted(
        f"{module} imports {name}"
        for module, name in imports()
        if name.split(".")[0] in TRACED_LIBRARIES and room_of(module) not in MAY_IMPORT_TRACED_LIBRARIES
    )
    assert wrong == []
