"""What a call costs, and a span: paired, in interleaved rounds, each mode in a kernel of its own."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from cells import ALONE, BARE, CALL, FLUSH, MODES, OURS, WORDS
from front_end import FrontEnd, front_end
from report import heading, row

ROUNDS = 4
PER_CALL_AIM = 0.8
"""Of what autolog alone takes."""

PER_SPAN_AIM_US = 20


TIMED = """\
import json, time
began_s, began_cpu_s = time.perf_counter(), time.process_time()
{}
print(json.dumps([time.perf_counter() - began_s, time.process_time() - began_cpu_s]))"""
# LiteLLM calls back, and MLflow and we store, partly when the cell is over.
DELIVERED = f"""\
from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER
await GLOBAL_LOGGING_WORKER.flush()
{FLUSH}
print()
print(json.dumps(time.process_time() - began_cpu_s))"""


@dataclass(frozen=True)
class Cost:
    """Milliseconds for each of a round: of the cell, of the process's CPU in it, and of that until everything is in the store,
    or, with MLflow's own exporter, lost."""

    cell: float
    cpu: float
    delivered_cpu: float


@dataclass(frozen=True)
class Load:
    """``code`` does ``count`` things in one cell, in each of ``ROUNDS`` rounds."""

    name: str
    code: str
    count: int


_ASKED = "[dict(role='user', content='length:200 ' + words())], max_retries=0"
LOADS = (
    Load("A mock call", f"for _ in range(250): {CALL}", 250),
    Load("A call over HTTP", f"for _ in range(250): litellm.completion('gpt-4o-mini', {_ASKED})", 250),
    Load(
        "A call of 200 at once, over HTTP",
        f"await asyncio.gather(*[litellm.acompletion('gpt-4o-mini', {_ASKED}) for _ in range(200)]);",
        200,
    ),
)
SPANS = Load(
    "A span of @mlflow.trace that does nothing",
    """\
@mlflow.trace
def step(number): pass
@mlflow.trace
def steps():
    for number in range(10_000): step(number)
steps()""",
    10_000,
)
# What MLflow's span processors cost differs more from run to run than ours takes; so ours is timed by itself, too.
TAPPED = """\
import time
from ipy_llmtrace.recorder.mlflow_spans import SpanTap
taken_ns = [0]
def timed(hook):
    def run(*args, **kwargs):
        start = time.thread_time_ns()
        hook(*args, **kwargs)
        taken_ns[0] += time.thread_time_ns() - start
    return run
SpanTap.on_start, SpanTap.on_end = timed(SpanTap.on_start), timed(SpanTap.on_end)"""


def measure(directory: Callable[[], Path], environment: Mapping[str, str]) -> None:
    """Print what calls and spans cost; ``directory`` makes a new one for each kernel."""
    with ExitStack() as stack:
        kernels = {mode: stack.enter_context(front_end(directory(), environment)) for mode in MODES}
        for mode, kernel in kernels.items():
            kernel.run(f"{MODES[mode]}\n{WORDS}\nfor _ in range(20): {CALL}")
        for load in LOADS:
            costs = _rounds(kernels, load, ROUNDS)
            heading(f"{load.name} ({ROUNDS} interleaved rounds of {load.count}, one cell each; medians of the rounds)")
            for mode, rounds in costs.items():
                cell = _stands(costs, mode, lambda cost: cost.cell)
                row(mode, cell, f"<= {PER_CALL_AIM} x autolog" if mode == OURS else "")
                row("", f"rounds {', '.join(f'{cost.cell:.2f}' for cost in rounds)} ms")
                row("", f"CPU in the cell {_stands(costs, mode, lambda cost: cost.cpu)}")
                row("", f"CPU until all is delivered {_stands(costs, mode, lambda cost: cost.delivered_cpu)}")
        kernels = {mode: kernels[mode] for mode in (ALONE, OURS)}
        kernels[OURS].run(TAPPED)
        costs = _rounds(kernels, SPANS, 2)
        heading(f"{SPANS.name} (2 interleaved rounds of {SPANS.count:,} in one trace; the better one)")
        for mode, rounds in costs.items():
            row("MLflow alone" if mode == ALONE else mode, f"{min(cost.cell for cost in rounds) * 1e3:.0f} µs")
        own_us = kernels[OURS].value("print(taken_ns[0])") / 1e3 / (2 * SPANS.count)
        row("of that in our own hooks", f"{own_us:.1f} µs of CPU", f"<= {PER_SPAN_AIM_US} µs")


def _rounds(kernels: Mapping[str, FrontEnd], load: Load, rounds: int) -> dict[str, list[Cost]]:
    """What each mode's rounds cost."""
    costs: dict[str, list[Cost]] = {mode: [] for mode in kernels}
    for _ in range(rounds):
        for mode, kernel in kernels.items():
            cell_s, cpu_s = kernel.value(TIMED.format(load.code))
            # And what one writes to its store must not slow the next one down.
            delivered_cpu_s = kernel.value(DELIVERED)
            costs[mode].append(Cost(*(taken_s * 1e3 / load.count for taken_s in (cell_s, cpu_s, delivered_cpu_s))))
    return costs


def _stands(costs: Mapping[str, Sequence[Cost]], mode: str, taken: Callable[[Cost], float]) -> str:
    """What a mode takes, also beside what the others do."""
    each, bare, alone = (statistics.median(map(taken, costs[other])) for other in (mode, BARE, ALONE))
    return f"{each:.2f} ms = {each / bare:.2f} x bare = {each / alone:.2f} x autolog"
