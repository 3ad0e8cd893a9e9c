"""The front-end's code, as the build leaves it."""

from __future__ import annotations

from pathlib import Path

STATIC = Path(__file__).parent / "static"


class BundleMissing(Exception):
    """The front-end has not been built; the message says how."""


def bundle() -> tuple[str, str]:
    """The front-end's JavaScript and CSS. Raises `BundleMissing`."""
    try:
        return (STATIC / "app.js").read_text("utf-8"), (STATIC / "app.css").read_text("utf-8")
    except OSError:
        raise BundleMissing(
            f"the front-end is not built ({STATIC.name}/app.js is missing): run `npm ci && npm run build` in js/, "
            "or install ipy-llmtrace from a wheel; until then traces show as static text"
        ) from None
