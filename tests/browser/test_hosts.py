"""The view in the containers of other hosts than JupyterLab, and in little room: legible, and nothing sticks out."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from axe import violations
from playwright.sync_api import Browser, Page, expect
from view_page import Host, ViewPage, opened

Shot = Callable[[Page, str], None]

GROUNDS: dict[Host, dict[str, str]] = {
    "vscode": {
        "light": "rgb(255, 255, 255)",
        "dark": "rgb(31, 31, 31)",
        "high-contrast": "rgb(0, 0, 0)",
        "high-contrast-light": "rgb(255, 255, 255)",
    },
    "colab": {"light": "rgb(255, 255, 255)", "dark": "rgb(24, 26, 30)"},
}
"""Of each host's themes, what the view paints behind itself, whatever the host has painted there."""

IN_EVERY_RUN = {("vscode", "dark"), ("vscode", "high-contrast"), ("colab", "light")}

WIDTHS_PX = [320, 600, 1600]


def sticking_out(shown: ViewPage) -> object:
    """What is wider than the view it is in, or makes the page scroll sideways."""
    return shown.page.evaluate("""() => {
        const root = document.querySelector('section[data-lm-suppress-shortcuts]');
        const right = root.getBoundingClientRect().right;
        const scrolls = element => element && element !== root && (
            ['auto', 'scroll', 'hidden'].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
        const out = [...root.querySelectorAll('*')]
            .filter(element => element.getBoundingClientRect().right > right + 1 && !scrolls(element.parentElement))
            .map(element => element.className);
        const {scrollWidth, clientWidth} = document.documentElement;
        return scrollWidth > clientWidth ? [...out, `the page: ${scrollWidth} of ${clientWidth} px`] : out;
    }""")


@pytest.mark.parametrize(
    ("host", "theme"),
    [
        pytest.param(host, theme, marks=[] if (host, theme) in IN_EVERY_RUN else pytest.mark.slow)
        for host, themes in GROUNDS.items()
        for theme in themes
    ],
)
def test_the_view_is_legible_in_every_theme_of_other_hosts(
    browser: Browser, view_url: str, shot: Shot, host: Host, theme: str
) -> None:
    # What the system prefers is not what the host has.
    with opened(browser, view_url, host, theme, color_scheme="light" if "dark" in theme else "dark") as shown:
        shown.show("agent")
        shown.row("completion").nth(1).click()
        expect(shown.view).to_have_css("background-color", GROUNDS[host][theme])
        shot(shown.page, "details")
        found = violations(shown.view)
        assert not found, json.dumps(found, indent=1)


@pytest.mark.parametrize(("theme", "ground"), [("dark", "#2e3440"), ("light", "#fdf6e3")])
def test_dim_text_is_legible_on_the_ground_of_other_themes(browser: Browser, view_url: str, theme: str, ground: str) -> None:
    with opened(browser, view_url, theme=theme) as shown:
        shown.show("agent")
        shown.page.evaluate("ground => document.body.style.setProperty('--jp-layout-color1', ground)", ground)
        shown.row("completion").nth(1).click()
        found = violations(shown.view)
        assert not found, json.dumps(found, indent=1)


@pytest.mark.parametrize("host", ["jupyterlab", pytest.param("colab", marks=pytest.mark.slow)])
def test_nothing_sticks_out_in_little_or_much_room(browser: Browser, view_url: str, shot: Shot, host: Host) -> None:
    found: dict[str, object] = {}
    for width_px in WIDTHS_PX:
        with opened(browser, view_url, host, width_px=width_px) as shown:
            shown.show("agent")
            found[f"{width_px} px"] = sticking_out(shown)
            for span in ("completion", "search_hotels"):
                shown.row(span).last.click()
                for tab in shown.view.get_by_role("tab").all():
                    tab.click()
                    found[f"{width_px} px, {span}, {tab.inner_text()}"] = sticking_out(shown)
                shot(shown.page, f"{width_px}-{span}")
            shown.focus_first_row()
            shown.press("?")
            found[f"{width_px} px, keys"] = sticking_out(shown)
    assert not any(found.values()), json.dumps({where: what for where, what in found.items() if what}, indent=1)
