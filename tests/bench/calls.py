"""What a call costs, and a span: paired, in interleaved rounds, each mode in a kernel of its own."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from cells import ALONE, BARE, CALL, FLUSH, MODES, OURS, TIMED, WORDS
from front_end import front_end
from report import heading, row

ROUNDS = 4
PER_CALL_AIM = 0.8
"""Of what autolog alone takes."""

PER_SPAN_AIM_US = 20


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
from ipy_llmtrace.recorder.mlflow import SpanTap
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
            times_ms = _rounds(kernels, load, ROUNDS, load.count)
            heading(f"{load.name} ({ROUNDS} interleaved rounds of {load.count}, one cell each; median of the rounds)")
            bare, alone = statistics.median(times_ms[BARE]), statistics.median(times_ms[ALONE])
            for mode, times in times_ms.items():
                each = statistics.median(times)
                aim = f"<= {PER_CALL_AIM} x autolog" if mode == OURS else ""
                row(mode, f"{each:.2f} ms = {each / bare:.2f} x bare = {each / alone:.2f} x autolog", aim)
                row("", f"rounds {', '.join(f'{time:.2f}' for time in times)} ms")
        kernels = {mode: kernels[mode] for mode in (ALONE, OURS)}
        kernels[OURS].run(TAPPED)
        times_us = {mode: [time * 1e3 for time in times] for mode, times in _rounds(kernels, SPANS, 2, SPANS.count).items()}
        heading(f"{SPANS.name} (2 interleaved rounds of {SPANS.count:,} in one trace; the better one)")
        for mode, times in times_us.items():
            row("MLflow alone" if mode == ALONE else mode, f"{min(times):.0f} µs")
        own_us = kernels[OURS].value("print(taken_ns[0])") / 1e3 / (2 * SPANS.count)
        row("of that in our own hooks", f"{own_us:.1f} µs of CPU", f"<= {PER_SPAN_AIM_US} µs")


def _rounds(kernels: Mapping[str, object], load: Load, rounds: int, count: int) -> dict[str, list[float]]:
    """Milliseconds for each of ``count``, by mode and round."""
    times_ms: dict[str, list[float]] = {mode: [] for mode in kernels}
    for _ in range(rounds):
        for mode, kernel in kernels.items():
            times_ms[mode].append(kernel.value(TIMED.format(load.code)) * 1e3 / count)  # type: ignore[attr-defined]
            # What one writes to its store must not slow the next one down.
            kernel.run(FLUSH)  # type: ignore[attr-defined]
    return times_ms
