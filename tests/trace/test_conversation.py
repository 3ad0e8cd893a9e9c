"""Conversations of every interface that LiteLLM has, and of none."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from ipy_llmtrace.trace.conversation import conversation
from ipy_llmtrace.trace.span import Span

Json = Any


def llm(inputs: Json = None, outputs: Json = None, *, type: str = "LLM", text: str = "") -> Span:
    return Span("s", "tr-1", None, "litellm-completion", 0, type=type, inputs=inputs, outputs=outputs, text=text)


def said(text: str) -> dict[str, str]:
    return {"kind": "text", "text": text}


def test_a_chat_with_tools_is_paired_by_call_id():
    inputs = {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Weather?", "name": "ann"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Bern"}'}}
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "Sunny"},
        ]
    }
    message = {"role": "assistant", "content": "Sunny.", "reasoning_content": "Easy.", "tool_calls": None}
    outputs = {"choices": [{"finish_reason": "stop", "index": 0, "message": message}]}
    assert conversation(llm(inputs, outputs)) == {
        "messages": [
            {"role": "system", "parts": [said("Be brief.")]},
            {"role": "user", "parts": [said("Weather?")], "name": "ann"},
            {
                "role": "assistant",
                "parts": [],
                "tool_calls": [{"name": "weather", "arguments": '{"city": "Bern"}', "id": "c1"}],
            },
            {"role": "tool", "parts": [said("Sunny")], "tool_call_id": "c1"},
        ],
        "replies": [{"role": "assistant", "parts": [{"kind": "reasoning", "text": "Easy."}, said("Sunny.")]}],
        "finish_reason": "stop",
    }


@pytest.mark.parametrize(
    ("block", "part"),
    [
        ({"type": "text", "text": "hi"}, said("hi")),
        ({"type": "input_text", "text": "hi"}, said("hi")),
        ("hi", said("hi")),
        (
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
            {"kind": "image", "url": "data:image/png;base64,AA=="},
        ),
        ({"type": "image_url", "image_url": "https://x/y.png"}, {"kind": "image", "url": "https://x/y.png"}),
        ({"type": "input_image", "image_url": "https://x/y.png"}, {"kind": "image", "url": "https://x/y.png"}),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "image/gif", "data": "AA=="}},
            {"kind": "image", "url": "data:image/gif;base64,AA=="},
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "AA==", "format": "mp3"}},
            {"kind": "audio", "url": "data:audio/mp3;base64,AA=="},
        ),
        # As from a store: MLflow keeps the bytes elsewhere.
        (
            {"type": "input_audio", "input_audio": {"data": "mlflow-attachment://ab?size=2", "format": "mp3"}},
            {"kind": "audio", "url": "mlflow-attachment://ab?size=2"},
        ),
        (
            {"type": "image_generation_call", "result": "AA==", "output_format": "webp", "status": "completed"},
            {"kind": "image", "url": "data:image/webp;base64,AA=="},
        ),
        ({"type": "thinking", "thinking": "hm", "signature": "x"}, {"kind": "reasoning", "text": "hm"}),
        ({"type": "file", "file": {"file_id": "f"}}, {"kind": "other", "value": {"type": "file", "file": {"file_id": "f"}}}),
        ({"type": ["odd"]}, {"kind": "other", "value": {"type": ["odd"]}}),
        (7, {"kind": "other", "value": 7}),
        (None, {"kind": "other", "value": None}),
    ],
)
def test_every_block_of_content_becomes_a_part(block: Json, part: Json):
    chat = conversation(llm({"messages": [{"role": "user", "content": [block]}]}))
    assert chat == {"messages": [{"role": "user", "parts": [part]}], "replies": []}


def test_anthropics_tool_results_become_messages_of_their_own():
    inputs = {
        "system": "Be brief.",
        "messages": [
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "add", "input": {"a": 1}}]},
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "2"}]},
                    {"type": "text", "text": "And now?"},
                ],
            },
        ],
    }
    outputs = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "Three."}], "stop_reason": "end"}
    assert conversation(llm(inputs, outputs)) == {
        "messages": [
            {"role": "system", "parts": [said("Be brief.")]},
            {"role": "assistant", "parts": [], "tool_calls": [{"name": "add", "arguments": '{"a": 1}', "id": "t1"}]},
            {"role": "tool", "parts": [said("2")], "tool_call_id": "t1"},
            {"role": "user", "parts": [said("And now?")]},
        ],
        "replies": [{"role": "assistant", "parts": [said("Three.")]}],
        "finish_reason": "end",
    }


def test_a_message_of_tool_results_alone_leaves_no_empty_one_behind():
    result = {"type": "tool_result", "tool_use_id": "t1", "content": "2"}
    chat = conversation(llm({"messages": [{"role": "user", "content": [result]}]}))
    assert chat is not None
    assert chat["messages"] == [{"role": "tool", "parts": [said("2")], "tool_call_id": "t1"}]


def test_the_items_of_a_response_are_one_reply():
    inputs = {
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "1+1?"}]},
            {"type": "function_call", "call_id": "c1", "name": "add", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "2"},
        ],
    }
    outputs = {
        "status": "completed",
        "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Add."}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "2"}], "status": "done"},
            {"type": "function_call", "call_id": "c2", "name": "end", "arguments": "{}"},
        ],
    }
    assert conversation(llm(inputs, outputs)) == {
        "messages": [
            {"role": "system", "parts": [said("Be brief.")]},
            {"role": "user", "parts": [said("1+1?")]},
            {"role": "assistant", "parts": [], "tool_calls": [{"name": "add", "arguments": "{}", "id": "c1"}]},
            {"role": "tool", "parts": [said("2")], "tool_call_id": "c1"},
        ],
        "replies": [
            {
                "role": "assistant",
                "parts": [{"kind": "reasoning", "text": "Add."}, said("2")],
                "tool_calls": [{"name": "end", "arguments": "{}", "id": "c2"}],
            }
        ],
        "finish_reason": "completed",
    }


def test_an_incomplete_response_says_why():
    chat = conversation(llm({"input": "x"}, {"output": [], "status": "incomplete", "incomplete_details": {"reason": "max"}}))
    assert chat is not None
    assert chat.get("finish_reason") == "max"


def other(value: Json) -> Json:
    return {"kind": "other", "value": value}


@pytest.mark.parametrize(
    ("inputs", "outputs", "messages", "replies"),
    [
        ({"prompt": "Once"}, {"choices": [{"text": " upon"}, {"text": "!"}]}, [said("Once")], [said(" upon"), said("!")]),
        ({"prompt": ["a", "b"]}, None, [said("a"), said("b")], []),
        ({"prompt": [1, 2]}, None, [other([1, 2])], []),
        ({"input": "hello"}, None, [said("hello")], []),
        ("hello", "world", [said("hello")], [said("world")]),
        ({"messages": "hello"}, 5, [said("hello")], [other(5)]),
        ({"messages": 5}, None, [other(5)], []),
        ({"question": "why"}, {"answer": 1}, [other({"question": "why"})], [other({"answer": 1})]),
        ({"messages": [{"odd": 1}]}, {"choices": ["odd"]}, [other({"odd": 1})], [other("odd")]),
        (
            {"prompt": "a cat"},
            {"data": [{"b64_json": "AA=="}]},
            [said("a cat")],
            [{"kind": "image", "url": "data:image/png;base64,AA=="}],
        ),
    ],
)
def test_other_shapes_keep_all_they_hold(inputs: Json, outputs: Json, messages: list[Json], replies: list[Json]):
    chat = conversation(llm(inputs, outputs))
    assert chat is not None
    assert [part for message in chat["messages"] for part in message["parts"]] == messages
    assert [part for message in chat["replies"] for part in message["parts"]] == replies


def test_a_refusal_and_unknown_fields_are_parts_of_the_reply():
    message = {"role": "assistant", "content": None, "refusal": "No.", "annotations": [{"url": "u"}], "audio": None}
    chat = conversation(llm({"messages": []}, {"choices": [{"message": message}]}))
    assert chat is not None
    assert chat["replies"][0]["parts"] == [said("No."), {"kind": "other", "value": {"annotations": [{"url": "u"}]}}]


def test_reasoning_is_shown_once_when_the_provider_repeats_it():
    thinking = {"type": "thinking", "thinking": "hm"}
    message = {"content": [thinking, {"type": "text", "text": "hi"}], "reasoning_content": "hm", "thinking_blocks": [thinking]}
    chat = conversation(llm(None, {"choices": [{"message": message}]}))
    assert chat is not None
    assert chat["replies"][0]["parts"] == [{"kind": "reasoning", "text": "hm"}, said("hi")]


def test_a_running_stream_replies_with_what_it_has_brought():
    chat = conversation(llm({"messages": [{"role": "user", "content": "Go"}]}, text="Once upon"))
    assert chat is not None
    assert chat["replies"] == [{"role": "assistant", "parts": [said("Once upon")]}]


@pytest.mark.parametrize("span", [llm(), llm({}), llm({"messages": [{"role": "user"}]}, type="TOOL")])
def test_what_is_no_chat_has_no_conversation(span: Span):
    assert conversation(span) is None


def test_no_shape_raises_and_every_conversation_is_json():
    rng = random.Random(0)
    words = ["role", "content", "type", "text", "messages", "input", "output", "choices", "message", "tool_calls"]
    words += ["function", "arguments", "image_url", "source", "data", "summary", "tool_use", "tool_result", "reasoning"]
    words += ["function_call", "function_call_output", "thinking", "thinking_blocks", "images", "refusal", "name", "id"]

    def anything(depth: int) -> Json:
        kind = rng.randint(0, 3 if depth == 0 else 6)
        if kind <= 3:
            return [None, rng.choice(words), rng.randint(-9, 9), True][kind]
        if kind == 4:
            return [anything(depth - 1) for _ in range(rng.randint(0, 3))]
        return {rng.choice(words): anything(depth - 1) for _ in range(rng.randint(0, 4))}

    for _ in range(5_000):
        json.dumps(conversation(llm(anything(5), anything(5))))
