"""What a model, a prompt or a name says is text and nothing more."""

from __future__ import annotations

from collections.abc import Callable

from driver import Notebook
from playwright.sync_api import Page, expect

Shot = Callable[[Page, str], None]

HOSTILE = """\
IMAGE = '<img src="https://hostile.invalid/x.png" onerror=alert(1)>'
HOSTILE = IMAGE + '''

</script></style><script>alert(2)</script> <iframe src="https://hostile.invalid/"></iframe>
<a href="javascript:alert(3)">html link</a>

[markdown link](javascript:alert(4)) and [other](https://hostile.invalid/page)

![picture](https://hostile.invalid/y.png) <svg onload=alert(5)> <form action="https://hostile.invalid/"><button>go</button></form>
'''


@mlflow.trace(name=IMAGE, span_type="TOOL")
def tool(text):
    return {IMAGE: text}


@mlflow.trace(name="outer", span_type=IMAGE)
def outer():
    litellm.completion(MODEL, [{"role": IMAGE, "content": HOSTILE}, *ask("echo:" + HOSTILE)], user=IMAGE)
    tool(HOSTILE)
    with mlflow.start_span(IMAGE + "failed"):
        raise ValueError(HOSTILE)


try:
    outer()
except ValueError:
    print("said")"""


def test_hostile_text_is_shown_as_text_and_does_nothing(notebook: Notebook, shot: Shot) -> None:
    notebook.write(HOSTILE)
    notebook.run(0)
    expect(notebook.rows(0)).to_have_count(4)
    view = notebook.view(0)
    for row in notebook.rows(0).all():
        row.click()
        for tab in view.get_by_role("tab").all():
            tab.click()
            expect(tab).to_have_attribute("aria-selected", "true")
            for made in ("img", "script", "iframe", "form", "svg[onload]", "[onerror]", "a[href^='javascript' i]"):
                assert view.locator(made).count() == 0, made
        shot(notebook.page, "details")
    notebook.row(0, "litellm-completion").click()
    view.get_by_role("tab", name="Chat").click()
    expect(view.get_by_role("tabpanel")).to_contain_text("<script>alert(2)</script>")
    other = view.get_by_role("tabpanel").get_by_role("link", name="other")
    expect(other.last).to_have_attribute("rel", "noopener noreferrer")
