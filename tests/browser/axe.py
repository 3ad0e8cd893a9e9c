"""What axe-core finds wrong in a part of a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator

AXE = Path(__file__).parents[2] / "js/node_modules/axe-core/axe.min.js"


def violations(part: Locator) -> list[dict[str, object]]:
    """In few words; proves that axe-core saw the text."""
    part.page.evaluate("source => { if (!window.axe) new Function(source).call(window) }", AXE.read_text("utf-8"))
    # JupyterLab's body has no height of its own, by which axe-core takes all that is in it for hidden.
    part.page.add_style_tag(content="body { overflow: visible !important }")
    found = part.evaluate("part => axe.run(part, {reporter: 'v1'})")
    assert "color-contrast" in [rule["id"] for rule in found["passes"] + found["violations"]], "axe-core saw the text"
    return [
        {"rule": rule["id"], "of": [f"{node['html'][:200]} {node['failureSummary'][:300]}" for node in rule["nodes"]]}
        for rule in found["violations"]
    ]
