"""Builds the browser bundle before the wheel, when it is not there yet; an sdist carries it, so that needs no Node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    """Runs ``npm ci && npm run build`` in ``js/`` unless ``ipy_llmtrace/static/app.js`` exists."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if not (root / "ipy_llmtrace" / "static" / "app.js").exists():
            self._build(root / "js")
        build_data["artifacts"].append("ipy_llmtrace/static/*")

    def _build(self, js: Path) -> None:
        npm = shutil.which("npm")
        if npm is None or not (js / "package.json").exists():
            raise RuntimeError(
                "ipy_llmtrace/static/app.js is missing and cannot be built here: that needs js/ and Node 20.19 or newer"
                " with npm. Install Node, or install a released wheel or sdist, which carry the bundle."
            )
        for command in (["ci"], ["run", "build"]):
            subprocess.run([npm, *command], cwd=js, check=True)
