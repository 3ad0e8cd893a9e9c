"""The browser's types are those of ``ipy_llmtrace/wire.py``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

JS = Path(__file__).resolve().parent.parent / "js"
GENERATED = JS / "src" / "wire" / "types.gen.ts"


@pytest.mark.skipif(not (JS / "node_modules").is_dir(), reason="js/node_modules is absent (npm ci in js/)")
def test_the_browsers_types_are_made_from_the_contract_as_it_is_now(tmp_path: Path) -> None:
    fresh = tmp_path / "types.gen.ts"
    subprocess.run(
        ["npm", "run", "--silent", "types"],
        cwd=JS,
        env={**os.environ, "PYTHON": sys.executable, "WIRE_TYPES": str(fresh)},
        check=True,
    )
    if fresh.read_text() != GENERATED.read_text():
        pytest.fail("js/src/wire/types.gen.ts is not what ipy_llmtrace/wire.py says: run `npm run types` in js/")
