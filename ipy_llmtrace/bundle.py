"""The front-end's files, as the build (``js/build.mjs``) makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

STATIC = Path(__file__).parent / "static"

Name = Literal["app.js", "view.js", "page.js", "page.css"]


class BundleMissing(Exception):
    """The front-end has not been built; the message says how."""


def bundled(name: Name) -> str:
    """The text of a file of the front-end.

    Parameters
    ----------
    name
        ``app.js`` is the App's module, with the view deflated in it; ``view.js`` the view as a plain module; ``page.js`` and
        ``page.css`` are for an exported page.

    Raises
    ------
    BundleMissing
        The front-end is not built.
    """
    try:
        return (STATIC / name).read_text("utf-8")
    except OSError:
        raise BundleMissing(
            f"the front-end is not built ({STATIC.name}/{name} is missing): run `npm ci && npm run build` in js/, "
            "or install ipy-llmtrace from a wheel; until then traces show as static text"
        ) from None
