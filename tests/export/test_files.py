"""A trace as a file: OTLP/JSON that other tools and MLflow take, and a page that loads nothing and says no secret."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from envelopes import opened

from ipy_llmtrace.bundle import bundled
from ipy_llmtrace.cells.cell_trace import CellTrace
from ipy_llmtrace.export import files, otlp_json
from ipy_llmtrace.export.page import page
from ipy_llmtrace.options import UsageMistake
from ipy_llmtrace.redaction.redactor import Redactor
from ipy_llmtrace.trace import estimates
from ipy_llmtrace.trace.span import Event, Span, Tokens

TRACE = "tr-" + "0af7651916cd43dd8448eb211c80319c"
START_NS = 1_790_000_000_000_000_001
SECRET = "sk-" + "a1" * 20
REDACTOR = Redactor({})


def spans() -> list[Span]:
    agent = Span(
        "00f067aa0ba902b7",
        TRACE,
        None,
        "agent",
        START_NS,
        type="AGENT",
        end_ns=START_NS + 900,
        status="ok",
        inputs={"question": f"use {SECRET}", "deep": [1, 2.5, None, True, {"a": [[]]}]},
        outputs="Lisbon </script><script>alert(1)</script>",
        attributes={"mlflow.spanType": "AGENT", "mlflow.traceRequestId": TRACE},
    )
    call = Span(
        "00f067aa0ba902b8",
        TRACE,
        agent.span_id,
        "call",
        START_NS + 10,
        type="LLM",
        end_ns=START_NS + 700,
        status="error",
        message="503 busy",
        inputs={"messages": [{"role": "user", "content": "hello"}], "temperature": 0.2},
        attributes={"big": 2**62, "too big": 2**80, "nan": float("nan")},
        events=[Event("exception", START_NS + 600, {"exception.type": "HTTPError", "exception.message": "503"})],
        model="gpt-4o-mini",
        provider="openai",
        params={"temperature": 0.2},
        tokens=Tokens(11, 5, cached=3),
        cost_usd=4.4e-06,
        first_token_ns=START_NS + 100,
    )
    uncounted = Span(
        "00f067aa0ba902b9",
        TRACE,
        agent.span_id,
        "uncounted",
        START_NS + 20,
        type="LLM",
        end_ns=START_NS + 800,
        status="ok",
        attributes=estimates.written(Tokens(4, 3), 0.25),
        estimated_tokens=Tokens(4, 3),
        estimated_cost_usd=0.25,
    )
    return [agent, call, uncounted]


def request() -> Any:
    """What OpenTelemetry's own library reads out of our export."""
    from google.protobuf.json_format import ParseDict
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    data = json.loads(json.dumps(otlp_json.export(spans(), REDACTOR), allow_nan=False))
    for span in data["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        for name in ("traceId", "spanId", "parentSpanId"):  # hex in OTLP/JSON, base64 in protobuf's
            if name in span:
                span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
    return ParseDict(data, ExportTraceServiceRequest())


def test_opentelemetrys_own_library_reads_the_export():
    agent, call, uncounted = request().resource_spans[0].scope_spans[0].spans
    assert (agent.name, agent.start_time_unix_nano, agent.status.code) == ("agent", START_NS, 1)
    assert call.parent_span_id == agent.span_id
    assert (call.status.code, call.status.message) == (2, "503 busy")
    assert call.events[0].name == "exception"
    attributes = {attribute.key: attribute.value for attribute in call.attributes}
    assert attributes["gen_ai.request.model"].string_value == "gpt-4o-mini"
    assert attributes["gen_ai.usage.input_tokens"].int_value == 11
    assert attributes["big"].int_value == 2**62
    assert {attribute.key for attribute in uncounted.attributes}.isdisjoint(["gen_ai.usage.input_tokens", "llmtrace.cost_usd"])


def test_what_is_exported_is_read_back_as_it_was_without_secrets():
    agent, call, uncounted = otlp_json.read(json.loads(json.dumps(otlp_json.export(spans(), REDACTOR))))
    before = spans()
    assert agent.inputs == {"question": "use [redacted: API key]", "deep": [1, 2.5, None, True, {"a": [[]]}]}
    assert (agent.name, agent.type, agent.duration_ns, agent.outputs) == ("agent", "AGENT", 900, before[0].outputs)
    same = ("parent_id", "message", "status", "inputs", "events", "model", "provider", "params", "tokens", "cost_usd")
    for name in (*same, "first_token_ns"):
        assert getattr(call, name) == getattr(before[1], name), name
    for name in ("tokens", "cost_usd", "estimated_tokens", "estimated_cost_usd"):
        assert getattr(uncounted, name) == getattr(before[2], name), name


@pytest.mark.database
def test_mlflow_takes_the_export(uses_libraries: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import mlflow
    from fastapi import FastAPI
    from mlflow.server.otel_api import otel_router
    from starlette.testclient import TestClient

    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    monkeypatch.setenv("_MLFLOW_SERVER_FILE_STORE", uri)
    before = mlflow.get_tracking_uri()
    try:
        mlflow.set_tracking_uri(uri)
        experiment_id = mlflow.create_experiment("taken")
        server = FastAPI()
        server.include_router(otel_router)
        reply = TestClient(server).post(
            "/v1/traces",
            content=json.dumps(otlp_json.export(spans(), REDACTOR)),
            headers={"content-type": "application/json", "x-mlflow-experiment-id": experiment_id},
        )
        assert reply.status_code == 200, reply.text
        (trace,) = mlflow.search_traces(locations=[experiment_id], return_type="list")
    finally:
        mlflow.set_tracking_uri(before)
    agent, call, _ = sorted(trace.data.spans, key=lambda span: span.start_time_ns)
    assert (agent.name, agent.span_type, agent.inputs["question"]) == ("agent", "AGENT", "use [redacted: API key]")
    assert call.parent_id == agent.span_id
    assert call.attributes["mlflow.spanInputs"]["messages"][0]["content"] == "hello"


def test_spans_of_other_tools_are_read_as_far_as_they_go():
    foreign = {
        "resourceSpans": [
            {
                "scopeSpans": [
                    {
                        "spans": [
                            {
                                "traceId": "0af7651916cd43dd8448eb211c80319c",
                                "spanId": "b7ad6b7169203331",
                                "name": "chat",
                                "startTimeUnixNano": 5,
                                "endTimeUnixNano": "9",
                                "attributes": [
                                    {"key": "gen_ai.request.model", "value": {"stringValue": "m"}},
                                    {"key": "gen_ai.usage.output_tokens", "value": {"intValue": 7}},
                                    {"key": "broken"},
                                    "no attribute",
                                ],
                                "status": None,
                            },
                            None,
                        ]
                    }
                ]
            }
        ]
    }
    chat, nothing = otlp_json.read(foreign)
    assert (chat.type, chat.model, chat.tokens, chat.duration_ns, chat.status) == ("LLM", "m", Tokens(output=7), 4, "ok")
    assert nothing.name == ""


@pytest.mark.parametrize("data", [None, 3, [], {}, {"resourceSpans": "x"}, {"resourceSpans": [{"scopeSpans": [None]}]}])
def test_json_without_spans_is_refused(data: Any):
    with pytest.raises(ValueError, match="no OTLP spans"):
        otlp_json.read(data)


def test_a_page_has_one_script_allowed_by_hash_and_asks_for_nothing():
    text = page(spans(), "3", REDACTOR, bundled("page.js"), bundled("page.css"))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert text.lower().count("</script") == 2
    assert not re.search(r"<(?:link|img|iframe|object|embed|base|form)\b", text.partition('<script type="module">')[0])


def test_a_page_says_no_secret_and_no_text_of_a_trace_ends_its_element():
    text = page(spans(), "3", REDACTOR, bundled("page.js"), bundled("page.css"))
    assert SECRET not in text
    assert "<script>alert" not in text
    data = re.search(r'id="traits">(.*?)</script>', text, re.DOTALL)
    assert data
    _, (detail, *_) = opened(json.loads(data[1])["snapshot"])
    assert json.loads(detail)["outputs"] == "Lisbon </script><script>alert(1)</script>"


def test_a_page_has_the_whole_of_what_the_notebook_shortens():
    long = Span("1", TRACE, None, "call", 0, type="LLM", end_ns=9, status="ok", inputs="x" * 200_000)
    assert "x" * 200_000 in page([long], "3", REDACTOR, bundled("page.js"), bundled("page.css"))


def test_a_script_that_would_end_its_element_makes_no_page():
    with pytest.raises(ValueError, match="would end its element"):
        page(spans(), "3", REDACTOR, "'</SCRIPT>'", "")


def test_a_cells_trace_is_saved_by_the_ending_of_the_path(tmp_path: Path):
    trace = CellTrace.of(spans(), "3")
    assert trace.save(tmp_path / "t.html").read_text("utf-8").startswith("<!doctype html>")
    assert [span.name for span in files.load(trace.save(tmp_path / "t.json"))] == ["agent", "call", "uncounted"]
    with pytest.raises(ValueError, match=r"t\.txt: a trace is exported as \.html"):
        trace.save(tmp_path / "t.txt")


def test_a_path_that_cannot_be_written_or_read_is_one_line(tmp_path: Path):
    with pytest.raises(UsageMistake, match=r"cannot be written: No such file or directory$"):
        files.save(tmp_path / "none" / "t.json", spans(), "3", REDACTOR)
    with pytest.raises(UsageMistake, match=r"cannot be read: No such file or directory$"):
        files.load(tmp_path / "t.json")
    (tmp_path / "t.json").write_text("[" * 100_000)
    with pytest.raises(UsageMistake, match="is no OTLP/JSON file"):
        files.load(tmp_path / "t.json")
    (tmp_path / "b.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageMistake, match="is no OTLP/JSON file"):
        files.load(tmp_path / "b.json")


def odd() -> list[Span]:
    """A span with half an emoji in every text, keys and names included."""
    half, other = "\ud83d", "\ude00"
    return [
        Span(
            "00f067aa0ba902b7",
            TRACE,
            None,
            f"na{half}me",
            START_NS,
            type=f"AG{other}ENT",
            end_ns=START_NS + 9,
            status="error",
            message=half,
            inputs={f"k{half}ey": {f"in{other}ner": half}},
            outputs=[half, {half: other}],
            attributes={f"a{half}b": 1, "deep": {half: {other: half}}},
            events=[Event(f"e{half}", START_NS, {f"x{half}": half})],
            model=f"m{half}",
            provider=f"p{half}",
        )
    ]


@pytest.mark.parametrize("name", ["t.html", "t.json"])
def test_half_an_emoji_in_a_key_costs_no_file(tmp_path: Path, name: str):
    path = tmp_path / name
    path.write_text("the old one")
    trace = CellTrace.of(odd(), "3\ud83d")
    trace.save(path)
    assert "na\ufffdme" in path.read_text("utf-8")
    if name == "t.json":
        (span,) = files.load(path)
        assert span.inputs == {"k\ufffdey": {"in\ufffdner": "\ufffd"}}
    frame = trace.to_frame()
    assert list(frame["name"]) == ["na\ufffdme"]
    trace.to_html().encode()
    str(trace).encode()


@pytest.mark.parametrize("name", ["t.html", "t.json"])
def test_a_file_that_cannot_be_written_says_why_and_stays(tmp_path: Path, name: str):
    (tmp_path / name).mkdir()
    with pytest.raises(UsageMistake, match=rf"{name} cannot be written: it is not a regular file"):
        files.save(tmp_path / name, spans(), "3", REDACTOR)
    with pytest.raises(UsageMistake, match=r"cannot be written: No such file or directory"):
        files.save(tmp_path / "nowhere" / name, spans(), "3", REDACTOR)
    with pytest.raises(UsageMistake, match=r"cannot be written: .*null"):
        files.save(str(tmp_path / "a\0") + name, spans(), "3", REDACTOR)
    assert [path.name for path in tmp_path.iterdir()] == [name]
