"""Gemini's native requests and replies as conversations."""

from __future__ import annotations

from typing import Any

import pytest

from ipy_llmtrace.trace.conversation import conversation
from ipy_llmtrace.trace.span import Span

Json = Any


def chat(inputs: Json = None, outputs: Json = None) -> Json:
    return conversation(Span("s", "tr-1", None, "litellm-generate_content", 0, type="LLM", inputs=inputs, outputs=outputs))


def said(text: str) -> dict[str, str]:
    return {"kind": "text", "text": text}


def test_a_request_is_a_conversation_with_the_systems_word_first():
    inputs = {
        "contents": [
            {"role": "user", "parts": [{"text": "Weather?"}]},
            {"role": "model", "parts": [{"functionCall": {"name": "weather", "args": {"city": "Bern"}}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {"sky": "blue"}}}]},
        ],
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
    }
    assert chat(inputs)["messages"] == [
        {"role": "system", "parts": [said("Be brief.")]},
        {"role": "user", "parts": [said("Weather?")]},
        {"role": "assistant", "parts": [], "tool_calls": [{"name": "weather", "arguments": '{"city": "Bern"}'}]},
        {"role": "tool", "parts": [said('{"sky": "blue"}')], "tool_call_id": "weather"},
    ]


@pytest.mark.parametrize("contents", ["hi", ["hi"], [{"text": "hi"}], {"parts": [{"text": "hi"}]}])
def test_contents_may_be_less_than_a_list_of_contents(contents: Json):
    assert chat({"contents": contents})["messages"] == [{"role": "user", "parts": [said("hi")]}]


def test_a_reply_has_thoughts_text_calls_and_sources():
    parts = [
        {"text": "Hm.", "thought": True},
        {"text": "Sunny."},
        {"functionCall": {"id": "c1", "name": "note", "args": {}}},
        {"executableCode": {"language": "PYTHON", "code": "1"}},
    ]
    sources = {"citationSources": [{"uri": "https://a.invalid"}]}
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "citationMetadata": sources}
    assert chat({"contents": "hi"}, {"candidates": [candidate]}) == {
        "messages": [{"role": "user", "parts": [said("hi")]}],
        "replies": [
            {
                "role": "assistant",
                "parts": [
                    {"kind": "reasoning", "text": "Hm."},
                    said("Sunny."),
                    {"kind": "other", "value": parts[3]},
                    {"kind": "other", "value": {"citationMetadata": sources}},
                ],
                "tool_calls": [{"name": "note", "arguments": "{}", "id": "c1"}],
            }
        ],
        "finish_reason": "STOP",
    }


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        ({"inlineData": {"mimeType": "image/png", "data": "iV"}}, {"kind": "image", "url": "data:image/png;base64,iV"}),
        ({"inline_data": {"mime_type": "image/png", "data": "iV"}}, {"kind": "image", "url": "data:image/png;base64,iV"}),
        ({"fileData": {"mimeType": "image/png", "fileUri": "gs://a"}}, {"kind": "image", "url": "gs://a"}),
        ({"inlineData": {"mimeType": "audio/wav", "data": "UA"}}, {"kind": "audio", "url": "data:audio/wav;base64,UA"}),
    ],
)
def test_media_are_shown(part: Json, shown: Json):
    assert chat({"contents": [{"role": "user", "parts": [part]}]})["messages"][0]["parts"] == [shown]


@pytest.mark.parametrize("candidates", [[], [None], [{}], [{"content": None}], [{"content": {"parts": [None, 1, {}]}}], [[]]])
def test_whatever_stands_there_nothing_raises(candidates: Json):
    assert len(chat({"contents": "hi"}, {"candidates": candidates})["replies"]) == len(candidates)


def test_a_text_is_followed_by_what_it_cites():
    block = {"type": "text", "text": "Sunny.", "citations": [{"cited_text": "sun"}]}
    reply = chat({"contents": "hi"}, {"content": [block]})["replies"][0]
    assert reply["parts"] == [said("Sunny."), {"kind": "other", "value": {"citations": [{"cited_text": "sun"}]}}]
