"""A view that cannot be seen is not drawn with the clock; once it is in sight it is where the time is."""

from __future__ import annotations

from playwright.sync_api import Browser, expect
from view_page import opened

COUNT = """() => {
    window.changes = 0;
    new MutationObserver(changes => { window.changes += changes.length }).observe(
        document.querySelector('[role=treegrid]'), {subtree: true, childList: true, attributes: true, characterData: true});
}"""


def test_a_running_view_that_is_scrolled_away_is_not_drawn_with_the_clock(browser: Browser, view_url: str) -> None:
    with opened(browser, view_url) as shown:
        shown.page.clock.install()
        shown.show("still")
        shown.page.evaluate("document.body.style.paddingBottom = '5000px'")
        shown.page.evaluate(COUNT)

        def changes() -> int:
            shown.page.clock.run_for(3000)
            changed = shown.page.evaluate("[window.changes, window.changes = 0][0]")
            assert isinstance(changed, int)
            return changed

        assert changes() > 0
        shown.page.evaluate("scrollTo(0, 4000)")
        expect(shown.view).not_to_be_in_viewport()
        # The browser tells it a moment later.
        shown.page.evaluate("""() => new Promise(told => new IntersectionObserver(told).observe(document.body))""")
        changes()
        assert changes() == 0
        shown.page.evaluate("scrollTo(0, 0)")
        expect(shown.view).to_be_in_viewport()
        shown.page.evaluate("""() => new Promise(told => new IntersectionObserver(told).observe(document.body))""")
        assert changes() > 0
