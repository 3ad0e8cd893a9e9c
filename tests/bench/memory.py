"""What a long session takes: a thousand traced cells, with us and with autolog alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from cells import ALONE, BARE, CALL, FLUSH, MODES, OURS, WORDS
from front_end import front_end
from report import heading, row

CELLS, STEPS = 1000, 4
SETUP = f"""\
import gc, json, tracemalloc
def run_cells(count):
    for _ in range(count): get_ipython().run_cell({CALL!r}, store_history=False)
def memory():
    {{flush}}
    gc.collect()
    pages = int(open('/proc/self/statm').read().split()[1])
    print()
    print(json.dumps([pages * 4096, tracemalloc.get_traced_memory()[0]]))
run_cells(50)
tracemalloc.start()"""


def measure(directory: Callable[[], Path], environment: Mapping[str, str]) -> None:
    """Print how the memory grows from cell to cell; ``directory`` makes a new one for each kernel."""
    heading(f"Memory of a session of {CELLS:,} traced cells, one mock call each (beside that of 50 cells)")
    setup = SETUP.replace("{flush}", FLUSH.replace("\n", "\n    "))
    for mode in (BARE, ALONE, OURS):
        with front_end(directory(), environment) as kernel:
            kernel.run(f"{MODES[mode]}\n{WORDS}\n{setup}")
            first_rss, first_traced = kernel.value("memory()")
            grown: list[str] = []
            for step in range(1, STEPS + 1):
                kernel.run(f"run_cells({CELLS // STEPS})")
                rss, traced = kernel.value("memory()")
                cells = CELLS * step // STEPS
                grown.append(f"{cells:,}: {(traced - first_traced) / 1e6:.1f} ({(rss - first_rss) / 1e6:.0f} resident)")
            row(mode, f"MB of Python's after {', '.join(grown)}")
