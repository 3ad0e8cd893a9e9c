"""What the details of a span show."""

from __future__ import annotations

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


def test_an_interrupted_stream_keeps_the_text_it_brought(notebook: Notebook) -> None:
    notebook.write("for chunk in litellm.completion(MODEL, ask('length:200 stall:60'), stream=True): pass")
    notebook.start(0)
    notebook.row(0, "litellm-completion").click()
    details = notebook.details(0, "litellm-completion")
    expect(details).to_contain_text("every span has a")
    notebook.interrupt()
    notebook.finished(0)
    tab(details, "Chat").click()
    expect(details.get_by_role("tabpanel", name="Chat")).to_contain_text("every span has a")


def test_what_was_shortened_on_the_way_comes_whole_when_asked_for(notebook: Notebook) -> None:
    notebook.write("litellm.completion(MODEL, ask('a' * 300_000 + ' the very end'))")
    notebook.run(0)
    notebook.row(0, "litellm-completion").click()
    details = notebook.details(0, "litellm-completion")
    tab(details, "Inputs / Outputs").click()
    expect(details).to_contain_text("Long values are shortened")
    details.get_by_role("button", name="Load all").click()
    expect(details).not_to_contain_text("Long values are shortened")
