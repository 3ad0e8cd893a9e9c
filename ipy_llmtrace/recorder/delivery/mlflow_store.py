"""Puts spooled records into an MLflow store, in MLflow's own calls.

A trace is started before its spans are logged. MLflow's exporter does it the other way round, which on its SQL store ends in
a failed INSERT and a merge: 14.6 ms a one-span trace instead of 5.8. Both calls go by ids: repeated, they store nothing twice.

MLflow internals relied on: ``TracingClient`` with ``store``, ``start_trace``, ``log_spans``, ``_get_artifact_repo_for_trace``
and ``_upload_trace_data``; ``mlflow.utils.rest_utils.http_request``; ``RestStore._get_server_version``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false
from __future__ import annotations

import base64
import contextlib
import re
import threading
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from mlflow.entities import Span, Trace
from mlflow.entities.model_registry import PromptVersion
from mlflow.entities.trace_data import TraceData
from mlflow.entities.trace_info import TraceInfo
from mlflow.entities.trace_location import TraceLocation
from mlflow.exceptions import MlflowException
from mlflow.store.tracking.rest_store import RestStore
from mlflow.tracing.client import TracingClient
from mlflow.utils.rest_utils import http_request
from mlflow.utils.workspace_context import ServerWorkspaceContext
from opentelemetry.sdk.resources import Resource

from ...tracking_uri import masked
from . import assessments, sqlite_creation, sqlite_file
from .experiments import Experiments
from .failure_reasons import reason, status

PROBE_TIMEOUT_S = 5.0
"""How long a server may take to answer that it is there. MLflow's own calls wait and retry for minutes."""

_REFUSALS = frozenset({400, 404, 409, 413, 422})

_LACKS_THE_CALL = re.compile("failed with error code 40[45]")
"""A server of MLflow's that has the call and lacks the experiment, say, says so in JSON."""


class Unavailable(Exception):
    """The store takes nothing at present; the message says why."""


class Refused(Exception):
    """The store is there and does not take this; the message says why."""


class WholeTracesOnly(Exception):
    """The store keeps a trace's spans in one piece, as an artifact."""


_turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
"""SQLite turns one of two writers away that come at the same time: after off and on there are two for a while."""


class Store:
    """One MLflow store; ``turn`` is to be held while it is used.

    Parameters
    ----------
    tracking_uri
        As MLflow's.
    """

    def __init__(self, tracking_uri: str, experiments: Experiments) -> None:
        self._uri = tracking_uri
        self._experiments = experiments
        self._known: TracingClient | None = None
        self.place = masked(tracking_uri)
        self.turn = _turns[tracking_uri]
        self.whole_traces_only = False

    def check(self) -> None:
        """Raise `Unavailable` when a server does not answer, sooner than MLflow's calls would. Makes a new database."""
        try:
            store: Any = self._client().store
            if not self._uri.startswith(("http://", "https://")):
                return
            answer: Any = http_request(
                store.get_host_creds(), "/health", "GET", timeout=PROBE_TIMEOUT_S, max_retries=0, raise_on_status=False
            )
        except Exception as error:
            raise Unavailable(reason(error, self._uri)) from error
        if answer.status_code >= 500 or answer.status_code in (401, 403, 429):
            raise Unavailable(status(answer.status_code, self.place))

    def put(self, records: Sequence[dict[str, Any]]) -> None:
        """Store traces and spans, as `ipy_llmtrace.recorder.delivery.mlflow_exporter` writes them.

        Raises `Unavailable` or `Refused`; then some may have been stored, and all can be put again. Raises `WholeTracesOnly`
        when spans came that the store takes with their whole trace only.
        """
        try:
            self._put(records)
        except (Unavailable, Refused, WholeTracesOnly):
            raise
        except MlflowException as error:
            if _LACKS_THE_CALL.search(str(error)) and (version := self._version()):
                raise Unavailable(f"{self.place} is MLflow {version}, too old for these traces (update it)") from error
            refused = error.get_http_status_code() in _REFUSALS and not _LACKS_THE_CALL.search(str(error))
            raise (Refused if refused else Unavailable)(reason(error, self._uri)) from error
        except OSError as error:
            raise Unavailable(reason(error, self._uri)) from error
        except Exception as error:  # a record that MLflow cannot read must not hold up the others
            raise Refused(reason(error, self._uri)) from error

    def _version(self) -> str | None:
        """What a server says that its MLflow is, if it says so."""
        creds: Any = self._client().store.get_host_creds()
        with contextlib.suppress(Exception):
            answer: Any = http_request(creds, "/version", "GET", timeout=PROBE_TIMEOUT_S, max_retries=0)
            if answer.status_code == 200 and re.fullmatch(r"\d+\.[\w.]+", answer.text):
                return str(answer.text)
        return None

    def get(self, trace_id: str) -> Trace:
        """A stored trace with its spans. Raises `Unavailable`, or `Refused` when there is none."""
        try:
            return self._client().get_trace(trace_id)
        except MlflowException as error:
            raise (Refused if error.get_http_status_code() in _REFUSALS else Unavailable)(reason(error, self._uri)) from error
        except Exception as error:  # whatever a store answers that MLflow does not expect
            raise Unavailable(reason(error, self._uri)) from error

    def attachment_of(self, trace: Trace, attachment_id: str) -> bytes:
        """What an attachment of a stored trace holds. Raises whatever the artifact repository does."""
        return self._client()._get_artifact_repo_for_trace(trace.info).download_trace_attachment(attachment_id)

    def _put(self, records: Sequence[dict[str, Any]]) -> None:
        client = self._client()
        groups: dict[tuple[str, str | None], list[Span]] = {}
        attachments: dict[str, dict[str, bytes]] = {}
        for record in records:
            if "span" in record:
                span = _span(record)
                groups.setdefault((self._experiments.resolve(record["experiment"]), record["workspace"]), []).append(span)
                if files := record.get("attachments"):
                    attachments.setdefault(span.trace_id, {}).update((k, base64.b64decode(v)) for k, v in files.items())
        infos: dict[str, TraceInfo] = {}
        for record in records:
            if "trace" in record:
                with _workspace(record["workspace"]):
                    info = self._start(client, record)
                infos[info.trace_id] = info
        for (experiment_id, workspace), spans in groups.items():
            with _workspace(workspace):
                self._log(client, experiment_id, spans, infos)
        for record in records:
            if "feedback" in record:
                assessments.put(client, record)
        for trace_id, files in attachments.items():
            repository = client._get_artifact_repo_for_trace(infos.get(trace_id) or client.store.get_trace_info(trace_id))
            for name, content in files.items():
                repository.upload_attachment(name, content)

    def _start(self, client: TracingClient, record: dict[str, Any]) -> TraceInfo:
        info = TraceInfo.from_dict(record["trace"])
        info.trace_location = TraceLocation.from_experiment_id(self._experiments.resolve(info.experiment_id))
        stored = client.start_trace(info)
        if prompts := record.get("prompts"):
            versions = [PromptVersion(name=name, version=version, template=" ") for name, version in prompts]
            # A store without it has the prompts in the trace's tags all the same.
            with contextlib.suppress(NotImplementedError, AttributeError):
                client.store.link_prompts_to_trace(info.trace_id, versions)
        return stored

    def _log(self, client: TracingClient, experiment_id: str, spans: list[Span], infos: dict[str, TraceInfo]) -> None:
        if not self.whole_traces_only:
            try:
                client.log_spans(experiment_id, spans)
                return
            except NotImplementedError as error:
                if "could not identify" in str(error):
                    # MLflow remembers for good that it could not ask the server's version.
                    RestStore._get_server_version.cache_clear()
                    raise Unavailable(f"{self.place} does not tell its version") from error
                self.whole_traces_only = True
            except MlflowException as error:
                if "REST OTLP span logging is not supported" not in str(error):
                    raise
                self.whole_traces_only = True
            raise WholeTracesOnly
        for trace_id, info in infos.items():
            client._upload_trace_data(info, TraceData([span for span in spans if span.trace_id == trace_id]))

    def _client(self) -> TracingClient:
        if self._known is None:
            sqlite_file.check(self._uri)
            with sqlite_creation.made(self._uri):
                client = TracingClient(self._uri)
                _ = client.store
            self._known = client
        return self._known


def _span(record: dict[str, Any]) -> Span:
    span = Span.from_dict(record["span"])
    if resource := record.get("resource"):
        span._span._resource = Resource(resource)
    return span


def _workspace(name: str | None) -> contextlib.AbstractContextManager[Any]:
    return ServerWorkspaceContext(name) if name else contextlib.nullcontext()
