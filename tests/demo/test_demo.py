"""The demo server over real HTTP: through LiteLLM, as its users call it, and bare where LiteLLM hides what was sent."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
import subprocess
import sys
import threading
from http.client import HTTPConnection
from typing import Any

import litellm
import pytest

from ipy_llmtrace import demo
from ipy_llmtrace.demo import directives, embeddings, schema
from ipy_llmtrace.demo.prompt import pieces

CLAUDE = "anthropic/claude-sonnet-4-5"
TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": properties}}}
    for name, properties in {
        "search_hotels": {"city": {"type": "string"}, "nights": {"type": "integer"}},
        "search_flights": {"origin": {"type": "string"}, "destination": {"type": "string"}},
    }.items()
]


def ask(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


def complete(server: demo.DemoServer, text: str = "", **options: Any) -> Any:
    given = {"model": server.model, "messages": ask(text), "api_base": server.url, "api_key": "sk-x", "max_retries": 0}
    return litellm.completion(**given | options)


def post(server: demo.DemoServer, route: str, body: Any) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection(server.url.removeprefix("http://").removesuffix("/v1"))
    connection.request("POST", f"/v1/{route}", body if isinstance(body, bytes) else json.dumps(body))
    response = connection.getresponse()
    data = response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, data


def events(data: bytes) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in data.decode().splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def run_agent(server: demo.DemoServer, request: str, *, stream: bool, failures: int = 0) -> tuple[list[str], str]:
    """The tools in the order in which they were called, and the final answer; the first results are errors."""
    messages, called = ask(request), list[str]()
    while True:
        reply = complete(server, messages=messages, tools=TOOLS, stream=stream)
        message = (litellm.stream_chunk_builder(list(reply)) if stream else reply).choices[0].message
        messages.append(message.model_dump())
        if not message.tool_calls:
            return called, message.content
        for call in message.tool_calls:
            called.append(call.function.name)
            result = "error: timeout" if len(called) <= failures else json.dumps(json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})


def test_the_same_question_gets_the_same_answer_and_usage(server: demo.DemoServer):
    first, second = (complete(server, "What is the capital of France?") for _ in range(2))
    assert first.choices[0].message.content == second.choices[0].message.content == "The capital of France is Paris."
    assert first.usage.model_dump() == second.usage.model_dump()
    assert first.id != second.id


def test_its_calls_have_a_price(server: demo.DemoServer):
    assert litellm.completion_cost(complete(server, "hello")) > 0


def test_a_stream_carries_the_text_of_the_plain_reply(server: demo.DemoServer):
    chunks = list(complete(server, "What is a trace?", stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == complete(server, "What is a trace?").choices[0].message.content
    assert len(chunks) > 10


@pytest.mark.parametrize("wanted", [True, False])
def test_a_stream_tells_its_usage_only_when_asked(server: demo.DemoServer, wanted: bool):
    body = {"model": "gpt-4o-mini", "messages": ask("hi"), "stream": True, "stream_options": {"include_usage": wanted}}
    last = events(post(server, "chat/completions", body)[2])[-1]
    assert bool(last.get("usage")) is wanted
    assert (last["choices"] == []) is wanted


@pytest.mark.parametrize("stream", [False, True])
def test_an_agent_calls_both_tools_and_sums_their_results_up(server: demo.DemoServer, stream: bool):
    called, answer = run_agent(server, "Plan a trip from Rome to Lisbon for 4 nights", stream=stream)
    assert called == ["search_flights", "search_hotels"]
    assert '{"origin": "Rome", "destination": "Lisbon"}' in answer
    assert '{"city": "Lisbon", "nights": 4}' in answer


def test_a_tool_that_failed_is_called_again(server: demo.DemoServer):
    called, _ = run_agent(server, "Plan a trip to Lisbon", stream=False, failures=1)
    assert called == ["search_flights", "search_flights", "search_hotels"]


def test_a_tool_that_always_fails_is_given_up(server: demo.DemoServer):
    called, answer = run_agent(server, "Find me flights to Lisbon", stream=False, failures=99)
    assert called == ["search_flights"] * 3
    assert "search_flights: no result" in answer


def test_parallel_tool_calls_keep_apart_in_a_stream(server: demo.DemoServer):
    called, _ = run_agent(server, "Plan a trip to Lisbon parallel-tools", stream=True)
    assert called == ["search_flights", "search_hotels"]


def test_no_tool_is_called_that_the_question_is_not_about(server: demo.DemoServer):
    assert run_agent(server, "What is the capital of Peru?", stream=False) == ([], "The capital of Peru is Lima.")


def test_tool_choice_is_obeyed(server: demo.DemoServer):
    forced = {"type": "function", "function": {"name": "search_hotels"}}
    reply = complete(server, "hello", tools=TOOLS, tool_choice=forced).choices[0]
    assert [call.function.name for call in reply.message.tool_calls] == ["search_hotels"]
    assert complete(server, "a trip", tools=TOOLS, tool_choice="none").choices[0].message.tool_calls is None


def test_a_json_schema_is_filled_in(server: demo.DemoServer):
    wanted = {"type": "object", "properties": {"city": {"type": "string"}, "nights": {"type": "integer"}}}
    options = {"response_format": {"type": "json_schema", "json_schema": {"name": "trip", "schema": wanted}}}
    reply = complete(server, "4 nights in Lisbon", **options)
    assert json.loads(reply.choices[0].message.content) == {"city": "Lisbon", "nights": 4}


def test_a_json_object_holds_the_answer(server: demo.DemoServer):
    reply = complete(server, "capital of Peru", response_format={"type": "json_object"})
    assert json.loads(reply.choices[0].message.content) == {"answer": "The capital of Peru is Lima."}


def test_max_tokens_cut_the_reply(server: demo.DemoServer):
    reply = complete(server, "What is a trace?", max_tokens=3)
    assert (reply.choices[0].finish_reason, reply.usage.completion_tokens) == ("length", 3)


def test_cached_and_reasoning_tokens_are_reported(server: demo.DemoServer):
    reply = complete(server, "hello cached:4 reasoning:5")
    assert reply.usage.prompt_tokens_details.cached_tokens == 4
    assert reply.usage.completion_tokens_details.reasoning_tokens == 5
    assert reply.choices[0].message.reasoning_content


def test_five_async_calls_get_five_answers(server: demo.DemoServer):
    async def gather() -> list[Any]:
        options: dict[str, Any] = {"model": server.model, "api_base": server.url, "api_key": "x"}
        calls = [litellm.acompletion(messages=ask(f"echo:{n}"), **options) for n in range(5)]
        return await asyncio.gather(*calls)

    assert [reply.choices[0].message.content for reply in asyncio.run(gather())] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("directive", "error"),
    [
        ("fail:400", "BadRequestError"),
        ("fail:401", "AuthenticationError"),
        ("fail:404", "NotFoundError"),
        ("fail:429", "RateLimitError"),
        ("fail:500", "InternalServerError"),
        ("fail:503", "ServiceUnavailableError"),
        ("fail:disconnect", "InternalServerError"),
        ("hang:0.01", "InternalServerError"),
        ("die", "InternalServerError"),
    ],
)
def test_a_fault_becomes_litellms_exception(server: demo.DemoServer, directive: str, error: str):
    with pytest.raises(getattr(litellm, error)):
        complete(server, f"please {directive}")
    with pytest.raises(getattr(litellm, error)):
        complete(server, "please", model=f"{server.model}+{directive}")


def test_a_model_that_does_not_exist_is_not_found(server: demo.DemoServer):
    with pytest.raises(litellm.NotFoundError, match="gpt-9-does-not-exist"):
        complete(server, "hi", model="openai/gpt-9-does-not-exist")


def test_a_rate_limit_says_when_to_come_back(server: demo.DemoServer):
    status, headers, body = post(server, "chat/completions", {"model": "fail:429", "messages": ask("hi")})
    assert (status, headers["retry-after"]) == (429, "1")
    assert json.loads(body)["error"]["code"] == "rate_limit_exceeded"


def test_retries_succeed_after_the_wanted_number_of_failures(server: demo.DemoServer):
    before = len(server.requests)
    complete(server, "hello fail-times:2:500 retried", max_retries=3)
    assert len(server.requests) - before == 3


def test_a_stream_that_dies_has_sent_its_first_half(server: demo.DemoServer):
    chunks: list[Any] = []
    with pytest.raises(litellm.ServiceUnavailableError):
        chunks.extend(complete(server, "What is a trace? die", stream=True))
    received = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert received.startswith("A trace is the story")
    assert not received.endswith("saved.")


def test_a_client_that_times_out_does_not_disturb_the_next_one(server: demo.DemoServer):
    with pytest.raises(litellm.Timeout):
        complete(server, "hello hang:60", timeout=0.05)
    assert complete(server, "hello").choices[0].message.content


def test_no_usage_is_no_usage(server: demo.DemoServer):
    body = {"model": "gpt-4o-mini", "messages": ask("hi no-usage")}
    assert "usage" not in json.loads(post(server, "chat/completions", body)[2])


def test_embeddings_of_like_texts_are_near_each_other(server: demo.DemoServer):
    texts = ["the cat sat on the mat", "the cat sat on the sofa", "quarterly revenue grew"]
    options: dict[str, Any] = {"api_base": server.url, "api_key": "x"}
    reply = litellm.embedding(model="openai/text-embedding-3-small", input=texts, **options)
    first, near, far = [item["embedding"] for item in reply.data]
    assert len(first) == 1536
    assert sum(a * b for a, b in zip(first, near, strict=True)) > sum(a * b for a, b in zip(first, far, strict=True))


def test_embeddings_come_as_base64_when_asked(server: demo.DemoServer):
    body = {"model": "m", "input": "hello", "encoding_format": "base64", "dimensions": 8}
    sent = json.loads(post(server, "embeddings", body)[2])["data"][0]["embedding"]
    assert struct.unpack("<8f", base64.b64decode(sent)) == pytest.approx(embeddings.embed("hello", 8))


def test_text_completion(server: demo.DemoServer):
    options: dict[str, Any] = {"model": "text-completion-openai/gpt-3.5-turbo-instruct", "prompt": "hello"}
    plain = litellm.text_completion(**options, api_base=server.url, api_key="x")
    chunks = litellm.text_completion(**options, api_base=server.url, api_key="x", stream=True)
    assert "".join(chunk.choices[0].text or "" for chunk in chunks) == plain.choices[0].text


def test_image_generation_returns_a_png(server: demo.DemoServer):
    reply = litellm.image_generation(model="openai/gpt-image-1", prompt="a cat", api_base=server.url, api_key="x")
    assert base64.b64decode(reply.data[0].b64_json).startswith(b"\x89PNG")


def test_responses(server: demo.DemoServer):
    reply = litellm.responses(model=server.model, input="capital of Peru", api_base=server.url, api_key="x")
    assert reply.output[0].content[0].text == "The capital of Peru is Lima."
    assert reply.usage.total_tokens == 14


def test_a_responses_stream_ends_completed(server: demo.DemoServer):
    options: dict[str, Any] = {"api_base": server.url, "api_key": "x", "stream": True}
    received = list(litellm.responses(model=server.model, input="capital of Peru", **options))
    deltas = [event.delta for event in received if event.type == "response.output_text.delta"]
    assert "".join(deltas) == "The capital of Peru is Lima."
    assert received[-1].type == "response.completed"


def test_responses_call_tools_and_take_their_results(server: demo.DemoServer):
    tool = {"type": "function", "name": "search_flights", "parameters": TOOLS[1]["function"]["parameters"]}
    question = {"role": "user", "content": [{"type": "input_text", "text": "flights to Oslo"}]}
    body = {"model": "gpt-4o-mini", "input": [question], "tools": [tool]}
    [call] = json.loads(post(server, "responses", body)[2])["output"]
    assert (call["type"], json.loads(call["arguments"])["destination"]) == ("function_call", "Oslo")
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": "SK 41"}
    [message] = json.loads(post(server, "responses", body | {"input": [question, call, result]})[2])["output"]
    assert "SK 41" in message["content"][0]["text"]
    streamed = events(post(server, "responses", body | {"stream": True})[2])
    assert streamed[-1]["response"]["output"][0]["arguments"] == call["arguments"]


def test_anthropic_messages_plain_and_streamed(server: demo.DemoServer):
    options: dict[str, Any] = {"model": CLAUDE, "api_base": server.root_url, "api_key": "x"}
    plain = litellm.completion(messages=ask("capital of Spain cached:3"), **options)
    assert plain.choices[0].message.content == "The capital of Spain is Madrid."
    assert plain.usage.prompt_tokens_details.cached_tokens == 3
    stream = litellm.completion(messages=ask("capital of Spain"), stream=True, **options)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "The capital of Spain is Madrid."


def test_anthropic_agent_uses_its_tools(server: demo.DemoServer):
    options: dict[str, Any] = {"model": CLAUDE, "api_base": server.root_url, "api_key": "x", "tools": TOOLS}
    messages = ask("flights to Oslo")
    message = litellm.completion(messages=messages, **options).choices[0].message
    [call] = message.tool_calls
    streamed = litellm.stream_chunk_builder(list(litellm.completion(messages=messages, stream=True, **options)))
    assert streamed.choices[0].message.tool_calls[0].function.arguments == call.function.arguments
    messages += [message.model_dump(), {"role": "tool", "tool_call_id": call.id, "content": "SK 41"}]
    assert "SK 41" in litellm.completion(messages=messages, **options).choices[0].message.content


def test_anthropic_errors_have_anthropics_form(server: demo.DemoServer):
    status, _, body = post(server, "messages", {"model": "m", "messages": ask("fail:401"), "max_tokens": 9})
    assert (status, json.loads(body)["error"]["type"]) == (401, "authentication_error")


@pytest.mark.parametrize(
    ("route", "body", "status"),
    [("chat/completions", b"{", 400), ("chat/completions", {"model": "m"}, 400), ("nowhere", {}, 404)],
)
def test_a_request_that_it_cannot_read_gets_openais_error(server: demo.DemoServer, route: str, body: Any, status: int):
    received, _, data = post(server, route, body)
    assert received == status
    assert json.loads(data)["error"]["message"]


def test_models_are_listed(server: demo.DemoServer):
    connection = HTTPConnection(server.url.removeprefix("http://").removesuffix("/v1"))
    connection.request("GET", "/v1/models")
    models = json.loads(connection.getresponse().read())["data"]
    connection.close()
    assert "gpt-4o-mini" in [model["id"] for model in models]


def test_requests_are_kept_without_their_keys(server: demo.DemoServer):
    complete(server, "hello again", api_key="sk-secret")
    last = server.requests[-1]
    assert (last.path, last.body["messages"]) == ("/v1/chat/completions", ask("hello again"))
    assert last.headers["authorization"] == "***"
    assert "sk-secret" not in str(last)


def test_stop_leaves_no_thread_and_no_open_port_even_during_a_hang():
    before = set(threading.enumerate())
    server = demo.start()
    connection = HTTPConnection(server.url.removeprefix("http://").removesuffix("/v1"))
    connection.request("POST", "/v1/completions", json.dumps({"model": "hang:600", "prompt": "hi"}))
    while not server.requests:
        threading.Event().wait(0.005)
    server.stop()
    server.stop()
    assert set(threading.enumerate()) <= before
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        connection.connect()


@pytest.mark.parametrize("text", ["", "wie die Sonne scheint", "fail: no number", "it was slow:ish", "see 1:2"])
def test_ordinary_words_are_no_directives(text: str):
    assert directives.read("gpt-4o-mini", text) == directives.Directives()


def test_what_is_echoed_steers_nothing():
    found = directives.read("gpt-4o-mini", "slow:2 echo:fail:500 die")
    assert (found.slow_s, found.echo, found.fail, found.die_after) == (2, "fail:500 die", None, None)


@pytest.mark.parametrize("text", ["", " ", "a b  c\n\nd ", "x" * 50, '{"a": [1, 2]}'])
def test_pieces_join_to_the_text_and_count_its_tokens(text: str):
    parts = list(pieces(text))
    assert "".join(piece for piece, _ in parts) == text
    assert sum(tokens for _, tokens in parts) == -(-len(text) // 4)


def test_a_schema_with_references_unions_and_limits_is_satisfied():
    wanted = {
        "type": "object",
        "$defs": {"Room": {"enum": ["single", "double"]}},
        "properties": {
            "rooms": {"type": "array", "items": {"$ref": "#/$defs/Room"}},
            "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
            "nights": {"type": "integer", "maximum": 2},
            "score": {"type": "number"},
            "smoking": {"type": "boolean"},
            "currency": {"const": "EUR"},
            "origin": {"type": "string"},
        },
    }
    assert schema.fill(wanted, "5 nights in Lisbon from Rome") == {
        "rooms": ["single"],
        "note": None,
        "nights": 2,
        "score": 5.0,
        "smoking": True,
        "currency": "EUR",
        "origin": "Rome",
    }


def run_setup(**environment: str) -> list[str]:
    code = (
        "import os, sys; from ipy_llmtrace import demo; print(demo.setup()); first = os.environ.get('OPENAI_BASE_URL');"
        "demo.setup(); print(first == os.environ.get('OPENAI_BASE_URL'), first, os.environ.get('OPENAI_API_KEY'));"
        "print('litellm' in sys.modules or 'mlflow' in sys.modules)"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI", "LLMTRACE"))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=clean | environment)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_setup_leads_litellm_to_one_demo_server():
    said, model, _, state, heavy = run_setup(OPENAI_API_KEY="sk-real")
    assert "demo server" in said
    assert model == "openai/gpt-4o-mini"
    assert state.startswith("True http://127.0.0.1:")
    assert state.endswith("/v1 demo")
    assert heavy == "False"


def test_setup_starts_nothing_for_a_model_of_your_own():
    said, model, _, state, _ = run_setup(LLMTRACE_MODEL="ollama/llama3", OPENAI_API_KEY="sk-real")
    assert "ollama/llama3" in said
    assert (model, state) == ("ollama/llama3", "True None sk-real")
