"""The traces of the view's page, in an MLflow server."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

STATUS = {"ok": {"code": 1}, "error": {"code": 2}}


def store(uri: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Give the server at ``uri`` a trace with a span for each row, in one request; return the trace's id.

    Parameters
    ----------
    rows
        The rows of the wire (``js/src/wire/types.gen.ts``), all of one trace and none running.
    """
    trace_id = f"{len(rows):032x}"
    origin_ns = time.time_ns()
    spans = [span(row, trace_id, origin_ns) for row in rows]
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode()
    headers = {"content-type": "application/json", "x-mlflow-experiment-id": "0"}
    with urllib.request.urlopen(urllib.request.Request(f"{uri}/v1/traces", body, headers)):
        return f"tr-{trace_id}"


def span(row: Mapping[str, Any], trace_id: str, origin_ns: int) -> dict[str, Any]:
    """A row as OTLP/JSON, with what it has in the attributes in which MLflow looks for it."""
    attributes: dict[str, Any] = {"mlflow.spanType": row["type"]}
    if tokens := row.get("tokens"):
        used = {"input_tokens": tokens["input"], "output_tokens": tokens["output"], "total_tokens": sum(tokens.values())}
        attributes |= {"mlflow.chat.tokenUsage": used, "mlflow.llm.model": row["model"]}
    if cost_usd := row.get("cost_usd"):
        # The row has their sum only.
        attributes["mlflow.llm.cost"] = {"input_cost": 0.0, "output_cost": cost_usd, "total_cost": cost_usd}
    return {
        "traceId": trace_id,
        "spanId": row["id"],
        "parentSpanId": row.get("parent", ""),
        "name": row["name"],
        "kind": 1,
        "startTimeUnixNano": str(origin_ns + int(row["start_ns"])),
        "endTimeUnixNano": str(origin_ns + int(row["end_ns"])),
        "status": STATUS[row["status"]] | ({"message": row["message"]} if "message" in row else {}),
        "attributes": pairs(attributes),
    }


def pairs(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value(each)} for key, each in given.items()]


def value(given: str | float | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(given, str):
        return {"stringValue": given}
    if isinstance(given, int):
        return {"intValue": str(given)}
    return {"doubleValue": given} if isinstance(given, float) else {"kvlistValue": {"values": pairs(given)}}
