"""What goes by OTLP: where to, in which words, and what becomes of it while the collector is away."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit

import grpc
import mlflow
import mlflow.tracing.provider as provider_module
import pytest
from mlflow import MlflowClient
from mlflow.tracing.processor.otel import OtelSpanProcessor
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from receivers import Receiver, grpc_receiver, http_receiver, values
from recording import Said
from servers import TrackingServer

from ipy_llmtrace import demo
from ipy_llmtrace.recorder import DeliveryStatus, Recorder
from ipy_llmtrace.recorder.delivery.delivery_thread import THREAD_NAME
from ipy_llmtrace.recorder.delivery.otlp_endpoint import Endpoint, at, wanted

pytestmark = pytest.mark.processes

MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hello"}]


@pytest.fixture
def said() -> list[str]:
    """What the recorder has said to the user."""
    return []


@pytest.fixture
def start(store: str, said: list[str]) -> Iterator[Callable[..., Recorder]]:
    """Starts recorders; a later one takes an earlier one's place."""
    with ExitStack() as started:

        def start(**options: Any) -> Recorder:
            started.close()
            recorder = Recorder(Said(said))
            recorder.start(**options)
            started.callback(recorder.stop)
            return recorder

        yield start


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with http_receiver() as receiver:
        yield receiver


def sent(recorder: Recorder) -> DeliveryStatus:
    return recorder.flush(lambda left: None)


def own(name: str = "own") -> str:
    with mlflow.start_span(name) as span:
        return str(span.trace_id)


def stored(trace_id: str) -> bool:
    return mlflow.get_trace(trace_id, silent=True) is not None


# -- where to ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "environ", "endpoint"),
    [
        ("http://localhost:4318/v1/traces", {}, ("http://localhost:4318/v1/traces", "http/protobuf")),
        ("http://localhost:4318", {}, ("http://localhost:4318/v1/traces", "http/protobuf")),
        ("https://collector.example/otlp/v1/traces", {}, ("https://collector.example/otlp/v1/traces", "http/protobuf")),
        ("http://localhost:4317", {}, ("http://localhost:4317", "grpc")),
        ("http://localhost:4317/v1/traces", {}, ("http://localhost:4317/v1/traces", "grpc")),
        ("https://collector.example", {}, ("https://collector.example", "grpc")),
        (
            "https://collector.example",
            {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
            ("https://collector.example/v1/traces", "http/protobuf"),
        ),
        (
            "http://localhost:4318/v1/traces",
            {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
            ("http://localhost:4318/v1/traces", "grpc"),
        ),
        (
            "http://localhost:4317",
            {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://other:4318/v1/traces"},
            ("http://localhost:4317", "grpc"),
        ),
        (
            None,
            {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a:4318/v1/traces", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://b:4317"},
            ("http://a:4318/v1/traces", "http/protobuf"),
        ),
        (None, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://b:4318"}, ("http://b:4318/v1/traces", "http/protobuf")),
        (None, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://b:4317"}, ("http://b:4317", "grpc")),
        (
            None,
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://b/otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
            ("https://b/otlp/v1/traces", "http/protobuf"),
        ),
    ],
)
def test_the_url_tells_the_protocol_unless_the_environment_does(
    url: str | None, environ: dict[str, str], endpoint: tuple[str, str]
):
    found = wanted(url, False, environ)
    assert found is not None
    assert (found.endpoint.url, found.endpoint.protocol, found.only) == (*endpoint, False)
    assert at(found.endpoint.address) == found.endpoint


@pytest.mark.parametrize(
    ("url", "only", "environ", "why"),
    [
        ("localhost:4317", False, {}, "localhost:4317 is no URL such as http://localhost:4318/v1/traces"),
        ("http://localhost:port", False, {}, "http://localhost:port is no URL"),
        (None, True, {}, "there is no collector: give its URL with --otlp"),
        (
            None,
            True,
            {"MLFLOW_ENABLE_OTLP_EXPORTER": "false", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a:4318/v1/traces"},
            "MLFLOW_ENABLE_OTLP_EXPORTER switches the environment's collector off: give a URL with --otlp",
        ),
        ("http://a:4318", False, {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}, "is neither grpc nor http/protobuf"),
    ],
)
def test_what_cannot_be_an_endpoint_is_said(url: str | None, only: bool, environ: dict[str, str], why: str):
    with pytest.raises(ValueError, match=why):
        wanted(url, only, environ)


def test_a_missing_package_is_named_with_the_extra_that_has_it(monkeypatch: pytest.MonkeyPatch):
    def version(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", version)
    with pytest.raises(ValueError, match=r"grpc needs a package: pip install 'ipy-llmtrace\[otlp\]'"):
        wanted("http://localhost:4317", False, {})


def test_what_the_user_has_set_for_mlflow_holds():
    environ = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a:4318/v1/traces"}
    assert wanted(None, False, environ | {"MLFLOW_ENABLE_OTLP_EXPORTER": "false"}) is None
    assert wanted(None, False, {}) is None
    only = wanted(None, False, environ | {"MLFLOW_TRACE_ENABLE_OTLP_DUAL_EXPORT": "false"})
    assert only is not None
    assert only.only


# -- in which words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("receive", [http_receiver, grpc_receiver])
def test_a_collector_gets_llm_calls_by_the_genai_conventions_and_the_store_gets_them_too(
    receive: Any, start: Callable[..., Recorder], server: demo.DemoServer
):
    import litellm

    @mlflow.trace(span_type="TOOL")
    def weather(city: str) -> dict[str, Any]:
        return {"city": city, "celsius": 20}

    @mlflow.trace(span_type="AGENT")
    def agent(question: str) -> str:
        weather("Paris")
        litellm.completion(server.model, MESSAGES, temperature=0.5, api_base=server.url, api_key="demo")
        return question.upper()

    @mlflow.trace
    def plain() -> None:
        agent("why?")

    with receive() as receiver:
        recorder = start(otlp=receiver.url)
        plain()
        assert sent(recorder).settled
    names = ["plain", "invoke_agent agent", "execute_tool weather", "chat gpt-4o-mini"]
    assert {span.name for span in receiver.spans} == set(names)
    root, agent_span, tool, call = [receiver.named(name) for name in names]
    assert [span.parent_span_id for span in (agent_span, tool, call)] == [root.span_id, agent_span.span_id, agent_span.span_id]
    assert [span.kind for span in (tool, call)] == [Span.SPAN_KIND_INTERNAL, Span.SPAN_KIND_CLIENT]
    assert stored(f"tr-{root.trace_id.hex()}")
    assert receiver.resources[0]["service.name"] == "ipy_llmtrace"

    found = values(call.attributes)
    assert {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.system": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.response.model": "gpt-4o-mini",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.usage.input_tokens": 11,
        "gen_ai.usage.output_tokens": 8,
        "gen_ai.response.finish_reasons": ["stop"],
        "call_type": "completion",
    }.items() <= found.items()
    assert not [name for name in found if name.startswith("mlflow.")]
    assert json.loads(found["gen_ai.system_instructions"]) == [{"type": "text", "content": "Be brief."}]
    assert json.loads(found["gen_ai.input.messages"]) == [{"role": "user", "parts": [{"type": "text", "content": "hello"}]}]
    (reply,) = json.loads(found["gen_ai.output.messages"])
    assert (reply["role"], reply["finish_reason"], reply["parts"][0]["type"]) == ("assistant", "stop", "text")

    assert json.loads(values(tool.attributes)["gen_ai.tool.call.result"]) == {"city": "Paris", "celsius": 20}
    assert json.loads(values(agent_span.attributes)["mlflow.spanInputs"]) == {"question": "why?"}
    assert json.loads(values(agent_span.attributes)["mlflow.spanOutputs"]) == "WHY?"


def test_each_kind_of_call_has_its_operation_and_a_failed_one_its_error(
    start: Callable[..., Recorder], server: demo.DemoServer, receiver: Receiver
):
    import litellm

    to: dict[str, Any] = {"api_base": server.url, "api_key": "demo"}
    recorder = start(otlp=receiver.url)
    litellm.embedding("openai/text-embedding-3-small", ["a"], **to)
    litellm.text_completion(model="text-completion-openai/gpt-3.5-turbo-instruct", prompt="Say hi", **to)
    litellm.responses(model="openai/gpt-4o-mini", input="hello there", **to)
    with pytest.raises(litellm.AuthenticationError):
        litellm.completion("openai/fail:401", MESSAGES, **to)
    assert sent(recorder).settled
    text = values(receiver.named("text_completion gpt-3.5-turbo-instruct").attributes)
    assert json.loads(text["gen_ai.input.messages"])[0]["parts"] == [{"type": "text", "content": "Say hi"}]
    assert text["gen_ai.provider.name"] == "openai"
    response = values(receiver.named("chat gpt-4o-mini").attributes)
    assert json.loads(response["gen_ai.input.messages"])[0]["parts"] == [{"type": "text", "content": "hello there"}]
    assert json.loads(response["gen_ai.output.messages"])[0]["role"] == "assistant"
    assert values(receiver.named("embeddings text-embedding-3-small").attributes)["gen_ai.usage.input_tokens"] == 4
    failed = receiver.named("chat fail:401")
    assert values(failed.attributes)["error.type"] == "AuthenticationError"
    assert failed.status.code == failed.status.STATUS_CODE_ERROR


def test_with_the_conventions_switched_off_spans_go_as_mlflow_has_them(
    start: Callable[..., Recorder], server: demo.DemoServer, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    import litellm

    monkeypatch.setenv("MLFLOW_ENABLE_OTEL_GENAI_SEMCONV", "false")
    recorder = start(otlp=receiver.url)
    litellm.completion(server.model, MESSAGES, api_base=server.url, api_key="demo")
    assert sent(recorder).settled
    found = values(receiver.named("litellm-completion").attributes)
    assert json.loads(found["mlflow.spanInputs"])["messages"] == MESSAGES


# -- options and the environment --------------------------------------------------------------------------------------


def test_otlp_only_leaves_the_store_out_and_without_it_both_get_the_trace_without_a_restart(
    start: Callable[..., Recorder], receiver: Receiver
):
    recorder = start(otlp=receiver.url, otlp_only=True)
    alone = own("alone")
    assert sent(recorder).settled
    recorder = start(otlp=receiver.url)
    both = own("both")
    assert sent(recorder).settled
    recorder = start()
    neither = own("neither")
    assert sent(recorder).settled
    assert [span.name for span in receiver.spans] == ["alone", "both"]
    assert [stored(trace) for trace in (alone, both, neither)] == [False, True, True]


def test_opentelemetrys_variables_are_heeded_and_after_off_mlflow_exports_by_itself_again(
    start: Callable[..., Recorder], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    def mlflows_own() -> bool:
        tracing: Any = provider_module
        return any(isinstance(p, OtelSpanProcessor) for p in tracing.provider.get()._active_span_processor._span_processors)

    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", receiver.url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-team=red")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "my-notebook")
    mlflow.tracing.reset()
    own("before")
    assert mlflows_own()
    recorder = start()
    assert not mlflows_own()
    during = own("during")
    assert sent(recorder).settled
    assert stored(during)
    receiver.named("during")
    assert receiver.headers[-1]["x-team"] == "red"
    assert receiver.resources[-1]["service.name"] == "my-notebook"
    recorder.stop()
    assert mlflows_own()
    monkeypatch.undo()
    mlflow.tracing.reset()


def test_an_endpoint_of_the_environment_that_cannot_be_used_is_said_and_the_store_gets_the_trace(
    start: Callable[..., Recorder], said: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "collector:4317")
    mlflow.tracing.reset()
    recorder = start()
    trace = own()
    assert sent(recorder).settled
    assert stored(trace)
    (line,) = said
    assert line.startswith(
        "llmtrace: traces go to MLflow's store only, for no OTLP endpoint can be used: collector:4317 is no URL"
    )
    monkeypatch.undo()


# -- a receiver that nobody here wrote --------------------------------------------------------------------------------


@pytest.mark.timeout(400)  # the first to ask for the server waits for its start
def test_mlflows_own_ingestion_shows_the_calls_with_their_messages_and_tokens(
    start: Callable[..., Recorder], server: demo.DemoServer, mlflow_server: TrackingServer, monkeypatch: pytest.MonkeyPatch
):
    import litellm

    @mlflow.trace(span_type="AGENT")
    def agent() -> None:
        litellm.completion(server.model, MESSAGES, api_base=server.url, api_key="demo")

    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-mlflow-experiment-id=0")
    recorder = start(otlp=f"{mlflow_server.uri}/v1/traces")
    agent()
    assert sent(recorder).settled
    trace = MlflowClient(mlflow_server.uri).get_trace(mlflow.get_last_active_trace_id() or "")
    assert (trace.info.state, trace.info.token_usage) == ("OK", {"input_tokens": 11, "output_tokens": 8, "total_tokens": 19})
    root, call = trace.data.spans
    assert (root.span_type, call.span_type, call.parent_id) == ("AGENT", "CHAT_MODEL", root.span_id)
    assert "hello" in json.dumps(call.inputs)
    assert "How can I help you" in json.dumps(call.outputs)


# -- while the collector is away --------------------------------------------------------------------------------------


def test_what_a_collector_that_is_down_has_missed_it_gets_when_it_is_back_and_nothing_is_printed(
    start: Callable[..., Recorder], said: list[str], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
):
    with http_receiver() as receiver:
        url = receiver.url
    recorder = start(otlp=url)
    traces = [own("missed") for _ in range(3)]
    left = sent(recorder)
    assert all(stored(trace) for trace in traces)
    (line,) = left.lines()
    assert line.startswith(
        f"not sent to the collector: 3 traces, because nothing listens at {urlsplit(url).netloc}; kept, and "
    )
    assert (said, caplog.record_tuples) == ([], [])
    with http_receiver(urlsplit(url).port or 0) as back:
        assert sent(recorder).settled
    assert [span.name for span in back.spans] == ["missed"] * 3
    assert capfd.readouterr().err == ""


def test_a_collector_behind_a_proxy_is_reached_through_it(
    start: Callable[..., Recorder], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", receiver.url.removesuffix("/v1/traces"))
    recorder = start(otlp="http://collector.invalid/v1/traces", otlp_only=True)
    own("through")
    assert sent(recorder).settled
    receiver.named("through")


def test_what_was_not_sent_before_off_the_next_one_sends(start: Callable[..., Recorder]):
    with http_receiver() as receiver:
        url = receiver.url
    first = start(otlp=url)
    own("left over")
    sent(first)
    first.stop()
    for thread in threading.enumerate():
        if thread.name == THREAD_NAME:
            thread.join()
    with http_receiver(urlsplit(url).port or 0) as back:
        second = start(otlp=url)
        own("new")
        assert sent(second).settled
    assert {span.name for span in back.spans} == {"left over", "new"}


@pytest.mark.parametrize(
    ("receive", "answer", "why"),
    [
        (http_receiver, 401, "the collector answers 401: check OTEL_EXPORTER_OTLP_TRACES_HEADERS"),
        (http_receiver, 404, "the collector answers 404: check the path of the URL"),
        (http_receiver, 400, "the collector refuses: the collector answers 400"),
        (grpc_receiver, grpc.StatusCode.UNAUTHENTICATED, "the collector answers UNAUTHENTICATED: check OTEL_EXPORTER"),
        (grpc_receiver, grpc.StatusCode.INVALID_ARGUMENT, "the collector refuses: the collector answers INVALID_ARGUMENT"),
    ],
)
def test_a_collector_that_does_not_want_it_is_quoted_with_what_to_do(
    receive: Any, answer: Any, why: str, start: Callable[..., Recorder], caplog: pytest.LogCaptureFixture
):
    with receive() as receiver:
        receiver.answer = answer
        recorder = start(otlp=receiver.url)
        own()
        (line,) = sent(recorder).lines()
    assert why in line
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_long_prompts_go_in_requests_that_a_grpc_receiver_takes(start: Callable[..., Recorder]):
    with grpc_receiver() as receiver:
        recorder = start(otlp=receiver.url)
        for number in range(4):
            with mlflow.start_span(f"long {number}") as span:
                span.set_inputs("x" * 1_500_000)
        assert sent(recorder).settled
    assert sorted(span.name for span in receiver.spans) == [f"long {number}" for number in range(4)]


def test_an_endpoint_names_itself():
    assert str(Endpoint("http://localhost:4317", "grpc")) == "http://localhost:4317 (OTLP, grpc)"
