"""What the details of a span show."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from driver import Notebook
from playwright.sync_api import Locator, Page, expect

Shot = Callable[[Page, str], None]

AGENT = """\
failures = [ConnectionError("503 hotel service unavailable")]
tools = [
    {"type": "function", "function": {"name": name, "description": name, "parameters":
        {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}
    for name in ("search_flights", "search_hotels")
]


@mlflow.trace(span_type="TOOL")
def search_flights(city):
    return {"flights": [{"price": 120}]}


@mlflow.trace(span_type="TOOL")
def search_hotels(city):
    for failure in failures:
        failures.remove(failure)
        raise failure
    return {"hotels": [{"name": "Casa do Rossio", "price": 58}]}


@mlflow.trace(span_type="AGENT")
def plan_trip(question):
    messages = [{"role": "system", "content": "You plan trips."}, *ask(question)]
    while True:
        reply = litellm.completion(MODEL, messages, tools=tools, temperature=0.2).choices[0].message
        if not reply.tool_calls:
            return reply.content
        messages.append(reply.model_dump(exclude_none=True))
        for call in reply.tool_calls:
            try:
                result = json.dumps(globals()[call.function.name](**json.loads(call.function.arguments)))
            except ConnectionError as error:
                result = f"error: {error}"
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})"""


@pytest.fixture
def planned(notebook: Notebook) -> Notebook:
    """Cell 0 holds an agent of three LLM calls and two tools, one of which fails once; cell 1 has run it."""
    notebook.write(AGENT, 'print(plan_trip("Plan a trip of three days to Lisbon"))')
    notebook.run(0)
    notebook.run(1)
    return notebook


def tab(details: Locator, name: str) -> Locator:
    return details.get_by_role("tab", name=name, exact=True)


def test_a_click_on_a_span_shows_its_messages_tool_calls_and_results(planned: Notebook, shot: Shot) -> None:
    assert planned.details(1, "litellm-completion").count() == 0
    planned.row(1, "litellm-completion").nth(1).click()
    details = planned.details(1, "litellm-completion")
    expect(tab(details, "Chat")).to_have_attribute("aria-selected", "true")
    chat = details.get_by_role("tabpanel", name="Chat")
    expect(chat).to_contain_text("temperature 0.2")
    shot(planned.page, "second-call")
    details.get_by_role("button", name="3 earlier messages").click()
    expect(chat).to_contain_text("You plan trips.")
    expect(chat).to_contain_text("Plan a trip of three days to Lisbon")
    expect(chat.get_by_role("button", name='search_flights(city="Lisbon")')).to_be_visible()  # what the model called
    expect(chat).to_contain_text("120")  # what the tool answered
    expect(chat.get_by_role("button", name='search_hotels(city="Lisbon")')).to_be_visible()  # what this call asked for
    shot(planned.page, "unfolded")


def test_a_failed_span_opens_on_its_error_with_the_traceback(planned: Notebook, shot: Shot) -> None:
    failed = planned.row(1, "search_hotels").first
    expect(failed).to_have_attribute("data-status", "error")
    expect(failed).to_contain_text("⚠")  # colour is not the only sign
    failed.click()
    details = planned.details(1, "search_hotels")
    expect(tab(details, "Error")).to_have_attribute("aria-selected", "true")
    error = details.get_by_role("tabpanel", name="Error")
    expect(error).to_contain_text("ConnectionError")
    expect(error).to_contain_text("503 hotel service unavailable")
    expect(error).to_contain_text("Traceback (most recent call last)")
    shot(planned.page, "error")


def test_tabs_show_inputs_outputs_and_attributes(planned: Notebook, shot: Shot) -> None:
    planned.row(1, "search_flights").click()
    details = planned.details(1, "search_flights")
    expect(tab(details, "Chat")).to_have_count(0)
    panel = details.get_by_role("tabpanel", name="Inputs / Outputs")
    expect(panel).to_contain_text("Lisbon")
    expect(panel).to_contain_text("120")
    planned.row(1, "litellm-completion").first.click()
    details = planned.details(1, "litellm-completion")
    tab(details, "Attributes").click()
    expect(details.get_by_role("tabpanel", name="Attributes")).to_contain_text("mlflow.")
    shot(planned.page, "attributes")
    details.get_by_role("button", name="Close details").click()
    expect(details).to_have_count(0)


def test_an_interrupted_stream_keeps_the_text_it_brought_and_what_was_left_open_is_interrupted(
    notebook: Notebook, shot: Shot
) -> None:
    notebook.write(
        "left = mlflow.start_span_no_context('left open')\n"
        "for chunk in litellm.completion(MODEL, ask('length:200 stall:60'), stream=True): pass",
        "left.end()",
    )
    notebook.start(0)
    notebook.row(0, "litellm-completion").click()
    details = notebook.details(0, "litellm-completion")
    expect(details).to_contain_text("every span has a")
    notebook.interrupt()
    notebook.finished(0)
    tab(details, "Chat").click()
    expect(details.get_by_role("tabpanel", name="Chat")).to_contain_text("every span has a")
    left = notebook.row(0, "left open")
    expect(left).to_have_attribute("data-status", "error")
    expect(left).not_to_have_attribute("aria-busy", "true")
    left.click()
    expect(notebook.details(0, "left open")).to_contain_text("interrupted")
    expect(notebook.view(0)).to_contain_text("Failed")
    expect(notebook.view(0)).not_to_contain_text("so far")
    shot(notebook.page, "interrupted")
    notebook.run(1)
    expect(left).to_have_attribute("data-status", "ok")
    expect(notebook.view(0)).to_contain_text("1 error")  # the stream's


SHOW_IMAGES = """\
import base64
from ipy_llmtrace.demo.images import png
from ipy_llmtrace.demo.sounds import wav_base64


def image(content):
    return {"type": "image_url", "image_url": {"url": "data:image/png;base64," + base64.b64encode(content).decode()}}


litellm.completion(MODEL, [{"role": "user", "content": [
    {"type": "text", "text": "what is this?"},
    image(png(b"\\x10\\x80\\x20")),
    image(png(b"\\x80\\x10\\x20") + b"padding " * 25_000),
    {"type": "input_audio", "input_audio": {"data": wav_base64(), "format": "wav"}},
]}], modalities=["text", "audio"], audio={"voice": "alloy", "format": "wav"});"""


def test_images_and_sounds_show_when_asked_for_and_what_was_shortened_on_the_way_comes_whole(
    notebook: Notebook, shot: Shot
) -> None:
    notebook.write(SHOW_IMAGES)
    notebook.run(0)
    notebook.row(0, "litellm-completion").click()
    details = notebook.details(0, "litellm-completion")
    tab(details, "Chat").click()
    chat = details.get_by_role("tabpanel", name="Chat")
    images = chat.get_by_role("img", name="from the message")
    expect(chat.get_by_role("button", name="show image")).to_have_count(1)
    expect(chat).to_contain_text(
        re.compile(r"\[image, not loaded\] data:image/png;base64,\S+ \[first 64 of 2\d\d,\d\d\d characters\]")
    )
    expect(images).to_have_count(0)
    shot(notebook.page, "not-asked-for")

    expect(details).to_contain_text("Long values are shortened")
    details.get_by_role("button", name="Load all").click()
    expect(details).not_to_contain_text("Long values are shortened")
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    details.get_by_role("button", name="Copy as Python").click()
    expect(details.get_by_role("button", name="Copied")).to_be_visible()
    copied = notebook.page.evaluate("navigator.clipboard.readText()")
    assert [len(text) for text in re.findall(r'"data:image/png;base64,([A-Za-z0-9+/]+=*)"', copied)] == [108, 266_772]
    for shown in range(2):
        chat.get_by_role("button", name="show image").first.click()
        expect(images.nth(shown)).to_have_js_property("naturalWidth", 16)
    chat.get_by_role("button", name="show audio").first.click()
    chat.get_by_role("button", name="show audio").click()
    sounds = chat.locator("audio")
    for sound in range(2):
        expect(sounds.nth(sound)).to_have_js_property("duration", 0.1)
    shot(notebook.page, "shown")


CALLS = {
    "litellm-completion": "completion(MODEL, ask('echo:again'), api_base=other.url, num_retries=1, stop=['x'])",
    "litellm-responses": "responses(model=MODEL, input='a', api_base=other.url, temperature=0.5)",
    "litellm-aimage_generation": "aimage_generation(prompt='a cat', model='openai/dall-e-3', api_base=other.url, n=1)",
    "litellm-embedding": "embedding('openai/text-embedding-3-small', input=['a'], api_base=other.url)",
}


def test_calls_copied_as_python_go_to_the_same_place_again(notebook: Notebook) -> None:
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    calls = "\n".join(f"{'await ' * call.startswith('a')}litellm.{call}" for call in CALLS.values())
    notebook.write(f"other = demo.start()\n{calls}\nfirst = [(sent.path, sent.body) for sent in other.requests]")
    notebook.run(0)
    copied = ""
    for name in CALLS:
        notebook.row(0, name).click()
        details = notebook.details(0, name)
        details.get_by_role("button", name="Copy as Python").click()
        expect(details.get_by_role("button", name="Copied")).to_be_visible()
        copied += notebook.page.evaluate("navigator.clipboard.readText()")
    notebook.write(
        f"{copied}\nassert [(sent.path, sent.body) for sent in other.requests] == 2 * first\nother.stop()\nprint('the same')"
    )
    notebook.run(0)
    expect(notebook.output(0)).to_contain_text("the same")
