"""Images and sounds, which MLflow takes out of spans and keeps apart, in what the view is told; over real HTTP."""

from __future__ import annotations

import base64
import gc
import importlib
import json
import os
import re
import shutil
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from envelopes import opened
from live_views import Shell
from recording import Recorded

from ipy_llmtrace import demo, wire
from ipy_llmtrace.cells.cell_trace import CellTrace
from ipy_llmtrace.demo.images import png
from ipy_llmtrace.demo.sounds import wav_base64
from ipy_llmtrace.encoding.envelope import file_bytes
from ipy_llmtrace.encoding.span_encoder import LIMIT_CHARS, detail
from ipy_llmtrace.recorder import Recorder
from ipy_llmtrace.redaction.redactor import Redactor
from ipy_llmtrace.trace.span import Json, Span
from ipy_llmtrace.views.cell_messages import EncodedMessages

IMAGE = "data:image/png;base64," + base64.b64encode(png(b"\x10\x80\x20")).decode()
BARE = IMAGE.partition(",")[2]
SOUND = {"type": "input_audio", "input_audio": {"data": wav_base64(), "format": "wav"}}


class Traced(Recorded):
    """A cell that is told what the recorder emits, and what was said to the user."""

    @property
    def spans(self) -> list[Span]:
        cell = CellTrace(1, None)
        cell.apply(self.changes)
        return cell.spans

    def detail(self, limit_chars: int | None = LIMIT_CHARS) -> wire.Detail:
        (span,) = self.spans
        return detail(span, Redactor({}), span.start_ns, limit_chars)


@pytest.fixture
def traced(server: demo.DemoServer, store: str) -> Iterator[Traced]:
    found = Traced()
    recorder = Recorder(found)
    recorder.start()
    yield found
    recorder.stop()


@pytest.fixture
def call(server: demo.DemoServer) -> dict[str, Any]:
    return {"model": server.model, "api_base": server.url, "api_key": "demo"}


def asking(*parts: Json) -> Any:
    return [{"role": "user", "content": [{"type": "text", "text": "what is this?"}, *parts]}]


def image(url: str) -> Json:
    return {"type": "image_url", "image_url": {"url": url}}


def test_an_image_and_a_sound_of_a_prompt_are_shown_as_they_were_sent(traced: Traced, call: dict[str, Any]) -> None:
    import litellm

    messages = asking(image(IMAGE), SOUND)
    litellm.completion(messages=messages, **call)

    found = traced.detail()
    assert found["inputs"]["messages"] == messages, (
        "MLflow keeps attachments elsewhere than in LiveSpan._attachments, or refers to them in another way"
    )
    assert found["chat"]["messages"][0]["parts"][1:] == [
        {"kind": "image", "url": IMAGE},
        {"kind": "audio", "url": f"data:audio/wav;base64,{wav_base64()}"},
    ]
    assert "cut" not in found
    assert traced.said == []


def test_the_store_gets_what_mlflow_makes_of_it(traced: Traced, call: dict[str, Any]) -> None:
    import litellm
    import mlflow
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
    from mlflow.tracing.attachments import Attachment

    litellm.completion(messages=asking(image(IMAGE)), **call)
    (span,) = traced.spans
    mlflow.flush_trace_async_logging()

    trace = mlflow.get_trace(span.trace_id)
    assert trace is not None
    url = trace.data.spans[0].inputs["messages"][0]["content"][1]["image_url"]["url"]
    found = Attachment.parse_ref(url)
    assert found is not None, url
    repository = get_artifact_repository(trace.info.tags["mlflow.artifactLocation"])
    assert repository.download_trace_attachment(str(found["attachment_id"])) == base64.b64decode(BARE)


def test_a_running_calls_image_is_there_already(traced: Traced, call: dict[str, Any]) -> None:
    import litellm

    stream = litellm.completion(messages=asking(image(IMAGE)), stream=True, **call)
    next(iter(stream))
    (span,) = traced.spans
    assert span.end_ns is None
    assert span.inputs["messages"] == asking(image(IMAGE))
    for _ in stream:
        pass
    (span,) = traced.spans
    assert span.end_ns is not None
    assert span.inputs["messages"] == asking(image(IMAGE))


def test_generated_images_and_spoken_replies_are_shown(traced: Traced, call: dict[str, Any]) -> None:
    import litellm

    asked = {**call, "model": "openai/gpt-image-1"}
    made: Any = litellm.image_generation(prompt="a cat", **asked)
    assert traced.detail()["chat"]["replies"] == [
        {"role": "assistant", "parts": [{"kind": "image", "url": f"data:image/png;base64,{made.data[0].b64_json}"}]}
    ]
    traced.changes.clear()
    said: Any = litellm.completion(
        messages=asking(), modalities=["text", "audio"], audio={"voice": "alloy", "format": "wav"}, **call
    )
    audio = said.choices[0].message.audio
    assert audio.data == wav_base64()
    assert traced.detail()["chat"]["replies"][0]["parts"] == [
        {"kind": "audio", "url": f"data:audio/wav;base64,{audio.data}"},
        {"kind": "text", "text": audio.transcript},
    ]


def test_of_an_image_that_is_too_long_for_a_detail_no_half_is_shown_and_the_whole_comes_when_asked_for(
    traced: Traced, call: dict[str, Any]
) -> None:
    import litellm

    long = "data:image/png;base64," + base64.b64encode(b"\x89PNG" + bytes(range(256)) * 400).decode()
    litellm.completion(messages=asking(image(long)), **call)

    cut = traced.detail()
    (_, shown) = cut["chat"]["messages"][0]["parts"]
    assert shown == {"kind": "image", "url": f"{long[:64]}… [first 64 of {len(long):,} characters]"}
    assert cut["cut"] == 1
    whole = traced.detail(limit_chars=None)
    assert whole["chat"]["messages"][0]["parts"][1] == {"kind": "image", "url": long}
    assert whole["inputs"]["messages"] == asking(image(long))
    (span,) = traced.spans
    assert span.size_chars > len(long)  # what counts when memory is freed


def test_an_image_that_is_sent_again_is_in_memory_once_and_as_long_as_a_span_has_it(
    traced: Traced, call: dict[str, Any]
) -> None:
    import litellm

    for _ in range(3):
        litellm.completion(messages=asking(image(IMAGE)), **call)
    spans = traced.spans
    urls = [span.inputs["messages"][0]["content"][1]["image_url"]["url"] for span in spans]
    assert urls == [IMAGE] * 3
    assert len({id(url) for url in urls}) == 1
    held = weakref.ref(urls[0])
    assert detail(spans[0], Redactor({}), 0, None)["inputs"]["messages"] == asking(image(IMAGE))
    spans.clear()
    urls.clear()
    gc.collect()
    assert held() is None


def test_what_the_notebook_keeps_has_no_half_image_and_no_key_and_stays_within_its_size(
    traced: Traced, call: dict[str, Any]
) -> None:
    import litellm

    key, large = "sk-proj-" + "Ab1" * 12, "data:image/png;base64," + base64.b64encode(os.urandom(30_000)).decode()
    messages = asking(image(IMAGE), image(large), {"type": "text", "text": f"my key is {key}"})
    litellm.completion(messages=messages, **call)
    cell = CellTrace(1, None)
    cell.apply(traced.changes)
    cell.finished = True
    redactor, shell = Redactor({}), Shell()

    def kept(max_bytes: int) -> Any:
        packed = EncodedMessages(cell, redactor, shell, shell, max_bytes).snapshot(1)
        assert file_bytes(packed) <= max_bytes
        _, (detail,) = opened(packed)
        assert key not in detail
        return json.loads(detail)["inputs"]["messages"][0]["content"]

    whole = [*messages[0]["content"][:3], {"type": "text", "text": "my key is [redacted: API key]"}]
    assert kept(200_000) == whole
    whole[2] = image(f"{large[:64]}… [first 64 of {len(large):,} characters]")
    assert kept(20_000) == whole


@pytest.mark.parametrize(
    "sent",
    [
        image(IMAGE),
        SOUND,
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": BARE}},
        {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{BARE}"}},
        {"created": 1, "data": [{"b64_json": BARE}, {"b64_json": BARE}]},
        {"role": "assistant", "audio": {"id": "a", "data": wav_base64(), "transcript": "la"}},
        {"image": {"format": "png", "source": {"bytes": BARE}}},
        {"inline_data": {"mime_type": "image/png", "data": BARE}},
        {"type": "image_generation_call", "result": BARE, "output_format": "png"},
        {"result": IMAGE, "data": IMAGE, "mlflow-attachment://": "mlflow-attachment://?"},
    ],
)
def test_each_form_in_which_mlflow_finds_one_comes_back_as_it_was(traced: Traced, sent: Json) -> None:
    import mlflow

    with mlflow.start_span("call") as span:
        span.set_inputs([sent])
        assert "mlflow-attachment://" in json.dumps(span.inputs), "MLflow finds no attachment in this form any more"
        span.set_outputs(sent)
    (seen,) = traced.spans
    assert (seen.inputs, seen.outputs) == ([sent], sent)


def test_own_spans_have_their_images_too_and_nobody_elses(traced: Traced) -> None:
    import mlflow

    references: list[str] = []

    @mlflow.trace
    def look(picture: str) -> dict[str, Any]:
        span: Any = mlflow.get_current_active_span()
        references.append(span.inputs["picture"])
        return {"data": IMAGE, "nested": [{"b64_json": BARE}], "reference": references[0]}

    @mlflow.trace
    def quote() -> str:
        return references[0]

    look(IMAGE)
    (span,) = traced.spans
    assert span.inputs == {"picture": IMAGE}
    assert span.outputs["data"] == IMAGE
    assert span.outputs["nested"] == [{"b64_json": BARE}]

    traced.changes.clear()
    assert quote().startswith("mlflow-attachment://")
    (span,) = traced.spans
    assert span.outputs == references[0]


def test_a_stored_traces_images_are_fetched_as_long_as_the_store_has_them_and_is_quick(
    traced: Traced, call: dict[str, Any]
) -> None:
    import litellm
    import mlflow

    from ipy_llmtrace.recorder import attachments, stored_traces
    from ipy_llmtrace.recorder.delivery.mlflow_store import Store

    messages = asking(image(IMAGE), SOUND, {"type": "text", "text": "mlflow-attachment://[ is none"})
    litellm.completion(messages=messages, **call)
    (span,) = traced.spans
    mlflow.flush_trace_async_logging()

    def fetched() -> Json:
        (stored,) = stored_traces.fetch(span.trace_id)
        return stored.inputs["messages"]

    assert fetched() == messages
    with patch.object(attachments, "FETCH_BYTES", len(wav_base64()) // 2):
        assert fetched()[0]["content"][1] == image(IMAGE)
        assert fetched()[0]["content"][2]["input_audio"]["data"].startswith("mlflow-attachment://")
    answers = threading.Event()
    with patch.object(Store, "attachment_of", lambda *given: answers.wait()):
        (stored,) = stored_traces.fetch(span.trace_id, limit_s=2)
        assert stored.inputs["messages"][0]["content"][1]["image_url"]["url"].startswith("mlflow-attachment://")
    answers.set()
    trace = mlflow.get_trace(span.trace_id)
    assert trace is not None
    shutil.rmtree(trace.info.tags["mlflow.artifactLocation"].removeprefix("file://"))
    assert fetched()[0]["content"][1]["image_url"]["url"].startswith("mlflow-attachment://")


def test_of_a_stored_trace_that_claims_too_small_a_size_or_none_the_reference_stays(traced: Traced) -> None:
    import mlflow

    from ipy_llmtrace.recorder import stored_traces

    def stored(size: str) -> tuple[Json, str]:
        with mlflow.start_span("look") as span:
            span.set_inputs(IMAGE)
            reference = re.sub("&size=[0-9]+", size, str(span.inputs))
            span.set_inputs(reference)
        mlflow.flush_trace_async_logging()
        return stored_traces.fetch(span.trace_id)[0].inputs, reference

    size_bytes = len(base64.b64decode(BARE))
    assert stored(f"&size={size_bytes}")[0] == IMAGE
    for size in ("", f"&size={size_bytes - 1}"):
        found, reference = stored(size)
        assert found == reference


def test_an_mlflow_that_has_moved_or_renamed_them_costs_the_images_of_stored_traces_and_nothing_else(traced: Traced) -> None:
    import mlflow

    from ipy_llmtrace.recorder import attachments, stored_traces

    with patch.dict(sys.modules, {"mlflow.tracing.attachments": None}):
        importlib.reload(attachments)
        with mlflow.start_span("look") as span:
            span.set_inputs(IMAGE)
        mlflow.flush_trace_async_logging()
        (stored,) = stored_traces.fetch(span.trace_id)
    (seen,) = traced.spans
    assert (seen.inputs, stored.inputs, traced.said) == (IMAGE, span.inputs, [])
    assert span.inputs.startswith("mlflow-attachment://")
    trace = stored_traces.fetch_trace(span.trace_id)
    del trace.data.spans[0]._attachments
    assert stored_traces.spans_of(trace)[0].inputs == span.inputs


def test_where_mlflow_keeps_them_elsewhere_the_reference_is_shown_and_the_call_goes_on(
    traced: Traced, call: dict[str, Any]
) -> None:
    import litellm

    class Changed:
        @staticmethod
        def get_instance() -> Any:
            raise AttributeError("MLflow keeps its open spans elsewhere")

    with patch("mlflow.tracing.trace_manager.InMemoryTraceManager", Changed):
        reply: Any = litellm.completion(messages=asking(image(IMAGE)), **call)
        url = traced.detail()["chat"]["messages"][0]["parts"][1].get("url", "")
    assert reply.choices[0].message.content
    assert url.startswith("mlflow-attachment://")
    assert [line.split(";")[0] for line in traced.said] == [
        "llmtrace: attached failed (AttributeError: MLflow keeps its open spans elsewhere)"
    ]
