"""Pure: what was observed of a row, judged column by column."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from row import COLUMNS, Column, Row

Entry = dict[str, Any]
_NO_ATTEMPT = {"exception", "first_token", "stream_abandoned"}
_PARAMS = ("temperature", "max_tokens", "top_p", "tools", "response_format", "tool_choice", "user", "seed")


@dataclass
class Observed:
    """What happened while a row ran. Times are Unix nanoseconds.

    Attributes
    ----------
    entries
        The probe's lines.
    requests
        When the server received each request, and its body.
    cells
        The ids of the row's cells, in order.
    shown
        The trace ids in the outputs of each cell.
    replied_ns
        When each cell had been executed.
    errors
        What went wrong with the row itself.
    """

    entries: list[Entry] = field(default_factory=list)
    requests: list[tuple[int, Any]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    shown: dict[str, set[str]] = field(default_factory=dict)
    replied_ns: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def of(self, *kinds: str, **fields: Any) -> list[Entry]:
        return [e for e in self.entries if e["kind"] in kinds and all(e.get(k) == v for k, v in fields.items())]


@dataclass(frozen=True)
class Verdict:
    """``whys`` are the reasons against; ``fine`` is ``None`` where the column makes no sense."""

    fine: bool | None
    whys: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "–" if self.fine is None else "✓" if self.fine else "✗"


def judge(row: Row, seen: Observed) -> dict[Column, Verdict]:
    """A verdict a column."""
    judges = [_Call(row, seen, ask) for ask in seen.of("ask")]
    verdicts: dict[Column, Verdict] = {}
    for column in COLUMNS:
        whys = [*seen.errors]
        whys += [why for call in judges for why in getattr(call, f"against_{column}")()]
        whys += [e["why"] for e in seen.of("check", column=column) if not e["fine"]]
        if column == "d":
            whys += list(_against_own_spans(seen))
        asked = judges or seen.of("check", column=column)
        na = column in row.skip or not asked
        verdicts[column] = Verdict(None) if na and not seen.errors else Verdict(not whys, tuple(dict.fromkeys(whys)))
    return verdicts


def _against_own_spans(seen: Observed) -> Iterator[str]:
    for wanted in seen.of("expect_span"):
        found = seen.of("end", name=wanted["name"])
        if not found:
            yield f"span {wanted['name']!r} never ended"
        for span in found:
            yield from _against_status(span, wanted["status"], wanted["says"])


def _against_status(span: Entry, status: str, says: str) -> Iterator[str]:
    if span["status"] != status:
        yield f"{span['name']} says {span['status']}, not {status}"
    elif status == "ERROR" and not span["description"]:
        yield f"{span['name']} failed without a description"
    elif says and not re.search(says, span["description"]):
        yield f"{span['name']} is described as {span['description'][:80]!r}, not {says!r}"


class _Call:
    """The call, or calls, of one ``ask()``."""

    def __init__(self, row: Row, seen: Observed, ask: Entry) -> None:
        self.row = row
        self.seen = seen
        self.tag: str = ask["tag"]
        self.ask = ask
        self.expected: dict[str, Any] = ask["expected"]
        self.left: Entry = next(iter(seen.of("left", tag=self.tag)), {"time_ns": math.inf, "error": None})
        self.reply: Entry | None = next(iter(seen.of("reply", tag=self.tag)), None)
        self.spans = [e for e in seen.of("end", "open") if self._is_ours(e)]
        ids = {span["span"] for span in self.spans}
        self.tops = [span for span in self.spans if span["parent"] not in ids]
        parents = {span["parent"] for span in self.spans}
        self.leaves = [span for span in self.spans if span["span"] not in parents]
        self.requests = [(t, body) for t, body in seen.requests if self.tag in json.dumps(body)]

    def _is_ours(self, entry: Entry) -> bool:
        return self.tag in json.dumps(entry["attributes"].get("mlflow.spanInputs"))

    def against_a(self) -> Iterator[str]:
        cell = self.expected.get("cell")
        cause = self.ask["cell"] if cell is None else self.seen.cells[cell]
        if not self.tops:
            yield "no span"
        for trace in {top["trace"] for top in self.tops}:
            places = [at for at, traces in self.seen.shown.items() if trace in traces]
            if places != [cause]:
                numbers = [self.seen.cells.index(at) + 1 if at in self.seen.cells else "a later one" for at in places]
                wanted = self.seen.cells.index(cause) + 1 if cause in self.seen.cells else cause
                yield f"in cells {numbers}, not {wanted}" if places else "in no cell's output"

    def against_b(self) -> Iterator[str]:
        if not self.tops:
            yield "no span"
        if any(top["parent"] != self.ask["parent"] for top in self.tops):
            yield "another parent" if any(top["parent"] for top in self.tops) else "no parent"

    def against_c(self) -> Iterator[str]:
        calls, attempts = self.expected.get("calls", 1), self.expected.get("attempts", 1)
        if len(self.tops) != calls:
            yield f"{len(self.tops)} spans for {calls} calls"
        starts = {e["span"]: e["time_ns"] for e in self.seen.of("start")}
        if len(starts) != len(self.seen.of("start")):
            yield "a span id came twice"
        if len({e["trace"] for e in self.seen.of("start", parent=None)}) != len(self.seen.of("start", parent=None)):
            yield "a trace id came twice"
        began = [starts[span["span"]] for span in self.tops if span["span"] in starts]
        if self.requests and began and min(began) > self.requests[0][0]:
            yield "begins after the request"
        if any(span["kind"] == "open" for span in self.spans):
            yield "never ends"
        if any(span["time_ns"] > self._deadline() for span in self.spans if span["kind"] == "end"):
            yield "ends late"
        if attempts > 1:
            told = max([len(self.leaves), *(len([e for e in s["events"] if e not in _NO_ATTEMPT]) for s in self.leaves)])
            if told < max(attempts, len(self.requests)):
                yield f"{told} of {len(self.requests)} attempts visible"

    def _deadline(self) -> float:
        until = self.expected.get("until", "block")
        if until == "row":
            return math.inf
        return self.left["time_ns"] if until == "block" else self.seen.replied_ns.get(self.ask["cell"], math.inf)

    @property
    def status(self) -> tuple[str, str]:
        """How the call's span has to end, and a pattern for its description."""
        error = self.left["error"]
        stated = {"KeyboardInterrupt": "^interrupted", "CancelledError": "^cancelled"}.get(error or "", error or "")
        return self.expected.get("status", "ERROR" if error else "OK"), self.expected.get("says", stated)

    def against_d(self) -> Iterator[str]:
        if not self.tops:
            yield "no span"
        for top in self.tops:
            yield from _against_status(top, *self.status)

    def against_e(self) -> Iterator[str]:
        if not self.leaves:
            yield "no span"
            return
        winner = next((s for s in self.leaves if s["status"] == "OK"), self.leaves[0])
        attributes = winner["attributes"]
        wanted = self.expected.get("type", "LLM")
        if attributes.get("mlflow.spanType") != wanted:
            yield f"type {attributes.get('mlflow.spanType')}, not {wanted}"
        if self.requests:
            yield from _against_inputs(attributes.get("mlflow.spanInputs") or {}, self.requests[-1][1])
            model = str(self.requests[-1][1].get("model", ""))
            told = attributes.get("mlflow.llm.model") or attributes.get("model")
            if model and (not told or model.rpartition("/")[2] != str(told).rpartition("/")[2]):
                yield f"model {told}, not {model}"
        if self.reply is not None:
            yield from _against_outputs(winner, self.reply)
        last = self.leaves[-1]["attributes"]
        if not self.expected.get("usage", True) and (_cost(attributes) or any((_usage(attributes) or {}).values())):
            yield "tokens or cost that nobody counted"
        elif not self.expected.get("usage", True) and _usage(attributes) is not None:
            yield "unknown tokens are zero"
        if self.expected.get("cache_hit") and not (last.get("cache_hit") is True and not _cost(last)):
            yield "the cache hit does not show, or costs"

    def against_f(self) -> Iterator[str]:
        if not self.spans:
            yield "no span"
        for span in self.spans:
            found = self.seen.of("stored", span=span["span"], trace=span["trace"])
            if not found:
                yield f"{span['name']} is not in the store"
                continue
            yield from _against_stored(span, found[0])
        if not self.expected.get("usage", True):
            stored = [e["attributes"] for s in self.leaves for e in self.seen.of("stored", span=s["span"])]
            if not any((attributes.get("llmtrace.estimated_tokens") or {}).get("total_tokens") for attributes in stored):
                yield "no estimate of what it took"
        cost = (self.reply or {}).get("cost")
        if cost and self.spans and not self.expected.get("cache_hit"):
            stored = [_cost(e["attributes"]) for s in self.leaves for e in self.seen.of("stored", span=s["span"])]
            if stored and not any(c and math.isclose(c, cost, rel_tol=1e-6) for c in stored):
                yield f"cost {stored[0]} in the store, not {cost}"


def _against_inputs(inputs: Any, body: dict[str, Any]) -> Iterator[str]:
    inputs = inputs if isinstance(inputs, dict) else {}
    for name in ("messages", "prompt", "input"):
        # A text that LiteLLM turns into a list on its way is the same text.
        if name in body and not any(_same(inputs.get(n), body[name]) for n in ("messages", "prompt", "input")):
            yield f"{name} not as sent"
        if name == "input" and "input" in body and "messages" in inputs and "input" not in inputs:
            yield "input shown as messages"
    missing = [name for name in _PARAMS if name in body and inputs.get(name) != body[name]]
    if missing:
        yield f"without {', '.join(missing)}"


def _same(recorded: Any, sent: Any) -> bool:
    if isinstance(recorded, str) and recorded.startswith("mlflow-attachment://"):
        return isinstance(sent, str) and len(sent) > 64 and " " not in sent
    if isinstance(recorded, dict) and isinstance(sent, dict):
        return all(_same(recorded.get(k), v) for k, v in sent.items())
    if isinstance(recorded, list) and isinstance(sent, list):
        return len(recorded) == len(sent) and all(map(_same, recorded, sent))
    return recorded == sent or recorded == [sent] or [recorded] == sent


def _against_outputs(span: Entry, reply: Entry) -> Iterator[str]:
    attributes = span["attributes"]
    outputs = attributes.get("mlflow.spanOutputs")
    strings = set(_strings(outputs))
    if any(not any(text in string for string in strings) for text in reply["texts"]):
        yield "output is not what came"
    usage, sent = _usage(attributes) or {}, reply["usage"] or {}
    wanted = {
        "input_tokens": sent.get("prompt_tokens") or sent.get("input_tokens"),
        "output_tokens": sent.get("completion_tokens") or sent.get("output_tokens"),
        "cache_read_input_tokens": (sent.get("prompt_tokens_details") or sent.get("input_tokens_details") or {}).get(
            "cached_tokens"
        ),
    }
    for name, count in wanted.items():
        if count and usage.get(name) != count:
            yield f"{name} {usage.get(name)}, not {count}"
    details = sent.get("completion_tokens_details") or sent.get("output_tokens_details") or {}
    kept = outputs.get("usage") if isinstance(outputs, dict) else None
    if details.get("reasoning_tokens") and '"reasoning_tokens": ' + str(details["reasoning_tokens"]) not in json.dumps(kept):
        yield "no reasoning tokens"
    if reply.get("cost") is not None and not math.isclose(_cost(attributes) or 0, reply["cost"], rel_tol=1e-6):
        yield f"cost {_cost(attributes)}, not {reply['cost']}"


def _against_stored(span: Entry, stored: Entry) -> Iterator[str]:
    for name in ("name", "parent", "status", "description"):
        if stored[name] != span[name]:
            yield f"{name} differs in the store"
    for name in ("mlflow.spanInputs", "mlflow.spanOutputs", "mlflow.spanType"):
        if not _same(stored["attributes"].get(name), span["attributes"].get(name)):
            yield f"{name.removeprefix('mlflow.span').lower()} differ in the store"


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _usage(attributes: dict[str, Any]) -> dict[str, Any] | None:
    return attributes.get("mlflow.chat.tokenUsage")


def _cost(attributes: dict[str, Any]) -> float | None:
    cost = attributes.get("mlflow.llm.cost")
    value = cost.get("total_cost") if isinstance(cost, dict) else attributes.get("response_cost")
    return float(value) if isinstance(value, int | float) else None
