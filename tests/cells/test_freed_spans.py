"""Old cells keep their sums; their spans leave the memory and come back from the store."""

from __future__ import annotations

import functools
import gc
import json
import os
import queue
import threading
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ipywidgets.widgets import widget as ipywidgets
from kernel import Kernel, kernel
from live_views import Shell

from ipy_llmtrace import demo
from ipy_llmtrace.cells import ownership
from ipy_llmtrace.cells.cell_trace import CellTrace
from ipy_llmtrace.cells.freed_cell_changes import FreedCellChanges
from ipy_llmtrace.cells.freed_spans import SpanSource, SpansUnavailable
from ipy_llmtrace.cells.ownership import Cells
from ipy_llmtrace.guard import Guard
from ipy_llmtrace.recorder import Began, Change, Ended, Streamed
from ipy_llmtrace.redaction.redactor import Redactor
from ipy_llmtrace.trace.span import Span, Tokens
from ipy_llmtrace.views import live
from ipy_llmtrace.views.cell_messages import EncodedMessages
from ipy_llmtrace.views.live import LiveViews


def a_span(number: int, **fields: Any) -> Span:
    made = Span(f"{number:016x}", f"tr-{number:032x}", None, f"span {number}", number, size_chars=1, **fields)
    made.end_ns, made.status = number + 1, "ok"
    return made


def run_cell(cells: Cells, *spans: Span) -> CellTrace:
    cell = cells.begin(spans[0].start_ns, None)
    for span in spans:
        read = functools.partial(lambda made: made, span)
        for change in (Began(span.span_id, span.parent_id, read), Ended(span.span_id, read)):
            assert cells.owner(change) is cell
            cell.apply([change])
    cells.end()
    return cell


@dataclass
class Store:
    """Has the spans of every cell."""

    spans_of: Callable[[str], list[Span]]

    def __call__(self, cell: CellTrace) -> SpanSource:
        return self


def store_of(*spans: Span) -> Store:
    return Store(lambda trace_id: [span for span in spans if span.trace_id == trace_id])


@dataclass
class Waiting:
    """Traces that no store has yet."""

    traces: list[str]

    def waits(self, trace_id: str) -> bool:
        return trace_id in self.traces


NOTHING = Waiting([])


@dataclass
class Shown:
    """A display of which updates alone are of interest."""

    update: Callable[[CellTrace, list[Change]], None]

    def tick(self) -> None: ...

    def due_s(self) -> float | None: ...


@pytest.fixture
def one_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ownership, "CELLS_IN_MEMORY", 1)


@pytest.mark.usefixtures("one_whole")
def test_an_old_cell_keeps_its_sums_and_fetches_its_spans_when_asked():
    cells = Cells()
    first = a_span(1, type="LLM", tokens=Tokens(3, 4), cost_usd=0.5)
    old, new = run_cell(cells, first), run_cell(cells, a_span(2))
    fetched: list[str] = []

    def fetch(trace_id: str) -> list[Span]:
        fetched.append(trace_id)
        return [first]

    cells.free_old(NOTHING, Store(fetch))

    assert (old.in_memory, new.in_memory, old.memory.ids) == (False, True, [])
    assert (old.tokens.total, old.cost_usd, old.traces, old.running, repr(old)) == (
        7,
        0.5,
        [first.trace_id],
        False,
        "<CellTrace [1]: 1 spans>",
    )
    assert fetched == []
    assert [span.name for span in old.spans] == ["span 1"]
    assert fetched == [first.trace_id]
    assert old.in_memory


@pytest.mark.usefixtures("one_whole")
def test_what_is_not_stored_yet_stays_in_memory():
    cells = Cells()
    waiting, stored = run_cell(cells, a_span(1)), run_cell(cells, a_span(2))
    run_cell(cells, a_span(3))
    cells.free_old(Waiting(waiting.traces), store_of())
    assert (waiting.in_memory, stored.in_memory) == (True, False)


@pytest.mark.usefixtures("one_whole")
def test_a_cell_with_a_running_span_stays_in_memory():
    cells = Cells()
    old = cells.begin(1, None)
    running = a_span(1)
    running.end_ns = None
    began = Began(running.span_id, None, lambda: running)
    cells.owner(began)
    old.apply([began])
    cells.end()
    run_cell(cells, a_span(2))
    cells.free_old(NOTHING, store_of())
    assert old.in_memory


def test_much_in_few_cells_is_freed_too_but_not_the_latest(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ownership, "CHARS_IN_MEMORY", 2)
    cells = Cells()
    made = [run_cell(cells, a_span(number)) for number in range(1, 5)]
    cells.free_old(NOTHING, store_of())
    assert [cell.in_memory for cell in made] == [False, False, True, True]


@pytest.mark.usefixtures("one_whole")
def test_a_trace_of_several_cells_gives_each_its_own():
    cells = Cells()
    mine, theirs = a_span(1), a_span(2)
    theirs.trace_id = mine.trace_id
    old = run_cell(cells, mine)
    run_cell(cells, theirs)
    cells.free_old(NOTHING, store_of(mine, theirs))
    assert old.spans == [mine]


@pytest.mark.usefixtures("one_whole")
def test_one_span_is_fetched_with_its_trace_alone():
    cells = Cells()
    first, second = a_span(1), a_span(2)
    old = run_cell(cells, first, second)
    run_cell(cells, a_span(3))
    fetched: list[str] = []

    def fetch(trace_id: str) -> list[Span]:
        fetched.append(trace_id)
        return [second]

    cells.free_old(NOTHING, Store(fetch))
    assert (old.span(second.span_id), old.span(f"{9:016x}")) == (second, None)
    assert (fetched, old.in_memory) == ([second.trace_id], False)


@pytest.mark.usefixtures("one_whole")
def test_a_span_that_comes_late_finds_the_others_again_or_stands_alone():
    def gone(trace_id: str) -> list[Span]:
        raise SpansUnavailable("no store")

    for fetch, names in ((lambda trace_id: [a_span(1)], ["span 1", "span 5"]), (gone, None)):
        cells = Cells()
        old = run_cell(cells, a_span(1))
        run_cell(cells, a_span(2))
        cells.free_old(NOTHING, Store(fetch))
        late = a_span(5)
        touched, _ = old.apply([Began(late.span_id, None, lambda late=late: late)])
        assert touched == [late]
        if names:
            assert [span.name for span in old.spans] == names
        else:
            with pytest.raises(LookupError, match="no store"):
                _ = old.spans


@pytest.mark.usefixtures("one_whole")
def test_nothing_waits_while_the_store_is_asked_for_an_old_cell():
    cells, store = Cells(), threading.Event()
    old = run_cell(cells, a_span(1))
    new = run_cell(cells, a_span(2))
    taken: dict[CellTrace, list[Change]] = {old: [], new: []}

    def fetch(trace_id: str) -> list[Span]:
        assert store.wait(60)
        return [a_span(1)]

    def update(cell: CellTrace, changes: list[Change]) -> None:
        assert cell.in_memory
        taken[cell] += changes
        if len(taken[old]) == 2:
            delivered.set()

    cells.free_old(NOTHING, Store(fetch))
    delivered = threading.Event()
    late = FreedCellChanges(Shown(update), threading.RLock(), Guard(pytest.fail))
    first, second = (Streamed(f"{1:016x}", text, 1) for text in ("one", "two"))
    late.deliver(old, [first])
    late.deliver(old, [second])
    late.deliver(new, [first])
    assert (taken[old], taken[new], old.running) == ([], [first], False)
    old.apply([first])
    store.set()
    assert delivered.wait(60)
    assert taken[old] == [first, second]


@pytest.mark.usefixtures("one_whole")
@pytest.mark.parametrize("failure", [SpansUnavailable("the store has it no more"), TypeError("the store has it no more")])
def test_a_store_that_cannot_give_an_old_cell_back_is_asked_once_and_said_in_one_line(failure: Exception):
    cells = Cells()
    old = run_cell(cells, a_span(1))
    run_cell(cells, a_span(2))
    asked: list[str] = []
    said: queue.SimpleQueue[str] = queue.SimpleQueue()

    def fetch(trace_id: str) -> list[Span]:
        asked.append(trace_id)
        raise failure

    def update(cell: CellTrace, changes: list[Change]) -> None:
        raise AssertionError("nothing can be shown of it")

    cells.free_old(NOTHING, Store(fetch))
    late = FreedCellChanges(Shown(update), threading.RLock(), Guard(said.put))
    late.deliver(old, [Streamed(f"{1:016x}", "one", 1)])
    line = said.get(timeout=60)
    late.deliver(old, [Streamed(f"{1:016x}", "two", 1)])
    assert line.startswith("llmtrace: cell 1 made further spans")
    assert line.endswith(": the store has it no more")
    assert (len(asked), said.empty(), old.memory.ids) == (1, True, [])


@pytest.mark.usefixtures("one_whole")
def test_the_page_gets_details_and_finds_of_an_old_cell_from_the_store_or_a_plain_sentence():
    stored = True

    def fetch(trace_id: str) -> list[Span]:
        if not stored:
            raise SpansUnavailable("the store is gone")
        return [asked]

    cells = Cells()
    asked = a_span(1, inputs="the question")
    old = run_cell(cells, asked)
    shell = Shell()
    messages = EncodedMessages(old, Redactor.none(), shell, shell, 100_000)
    saved = messages.snapshot(2)
    run_cell(cells, a_span(2))
    cells.free_old(NOTHING, Store(fetch))

    assert "the question" in str(json.loads(messages.detail(asked.span_id)["json"])["detail"])
    assert messages.snapshot(2) is saved
    stored = False
    assert json.loads(messages.detail(asked.span_id)["json"])["reason"] == "the store is gone"
    assert json.loads(messages.found(1, ["question"], [])["json"])["note"] == "the store is gone"
    stored = True
    assert json.loads(messages.found(1, ["question"], [])["json"])["ids"] == [asked.span_id]


@pytest.fixture
def views() -> Iterator[LiveViews]:
    """Of a front-end that is there."""
    before = set(widgets())
    made = LiveViews(Shell().context)
    yield made
    made.close()
    for model_id in set(widgets()) - before:
        widgets()[model_id].close()


def widgets() -> MutableMapping[str, ipywidgets.Widget]:
    """Those that the kernel has, by the ids of their models."""
    return ipywidgets._instances


def shown_cell(cells: Cells, views: LiveViews, number: int) -> CellTrace:
    """A cell whose trace shows in a view of its own and is shown again, once while it runs and once when it has ended."""
    cell = cells.begin(number, None)
    running, ended = a_span(number), a_span(number)
    running.end_ns, running.status = None, "running"
    for change in (Began(running.span_id, None, lambda: running), Ended(ended.span_id, lambda: ended)):
        cells.owner(change)
        views.update(cell, *cell.apply([change]))
        views.show(cell, None)
    cells.end()
    views.executed(cell)
    views.settled(cell)
    return cell


def spans_in_memory() -> list[str]:
    gc.collect()
    return sorted(found.name for found in gc.get_objects() if type(found) is Span)


@pytest.mark.usefixtures("one_whole")
def test_no_view_keeps_the_spans_of_an_old_cell_in_memory(views: LiveViews):
    before = spans_in_memory()
    cells = Cells()
    for number in (1, 2, 3):
        shown_cell(cells, views, number)
    cells.free_old(NOTHING, store_of())
    assert spans_in_memory() == sorted([*before, "span 3"])


def test_the_view_of_a_cell_that_is_not_known_any_more_stays_as_it_is(views: LiveViews, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "MAX_CELLS", 2)
    cells = Cells()
    made = [shown_cell(cells, views, number) for number in (1, 2, 3)]
    open_views = len(widgets())
    views.forget(made[0])
    assert len(widgets()) == open_views
    views.forget(made[1])
    assert len(widgets()) == open_views - 1


CALL = "litellm.completion(MODEL, [{'role': 'user', 'content': 'question %d'}]);"


@pytest.fixture(scope="module")
def session(server: demo.DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A session whose cells 3, 4 and 5 have called, and of whose cells the latest only has its spans in memory."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "LITELLM_"))}
    ours = {"OPENAI_API_KEY": "demo", "OPENAI_BASE_URL": server.url, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with kernel(tmp_path_factory.mktemp("old"), inherited | ours | {"MLFLOW_DISABLE_TELEMETRY": "true"}) as started:
        started.run(f"import ipy_llmtrace, litellm, os\nfrom ipy_llmtrace.cells import ownership\nMODEL = {server.model!r}")
        started.run("ownership.CELLS_IN_MEMORY = 1\n%load_ext ipy_llmtrace\n%llmtrace on")
        for number in (3, 4, 5):
            assert started.run(CALL % number).count == number
        started.run("%llmtrace flush")
        started.run("pass")  # when it has run, what is old and stored is freed
        yield started


IN_MEMORY = "import json\nprint(json.dumps([ipy_llmtrace.cell(n).in_memory for n in (3, 4, 5)]))"


@pytest.mark.notebook
def test_the_spans_of_an_old_cell_come_back_from_the_store(session: Kernel):
    assert session.run(IN_MEMORY).value == [False, False, True]
    old = "t = ipy_llmtrace.cell(3)"
    assert session.run(f"{old}\nprint(json.dumps([t.tokens.total > 0, t.in_memory]))").value == [True, False]
    asked = session.run(f"{old}\nprint(json.dumps([s.inputs['messages'][0]['content'] for s in t.spans]))")
    assert asked.value == ["question 3"]


@pytest.mark.notebook
@pytest.mark.parametrize("reference", ["4", "-2"])
def test_an_old_cell_is_shown_again(session: Kernel, reference: str):
    header, row, *_ = session.run(f"%llmtrace show {reference}").tree
    assert "cell [4]" in header
    assert "question 4" in row


@pytest.mark.notebook
def test_where_the_store_has_it_no_more_it_is_said_in_one_line(session: Kernel):
    assert session.run(IN_MEMORY).value[0] is False
    session.run("os.rename('mlflow.db', 'elsewhere.db')")
    try:
        shown = session.run("%llmtrace show 3")
        raised = session.run("try: ipy_llmtrace.cell(3).spans\nexcept LookupError as error: print(error)")
        status = session.run("%llmtrace")
    finally:
        session.run("os.rename('elsewhere.db', 'mlflow.db')")
    assert (shown.error, len(shown.stderr.splitlines())) == (None, 1)
    for said in (shown.stderr, raised.stdout):
        assert "the spans of cell 3 are no longer in memory: no trace tr-" in said
    assert "3 LLM calls" in status.stdout


@pytest.mark.notebook
def test_another_directory_or_store_of_now_does_not_hide_the_store_of_then(session: Kernel, tmp_path: Path):
    session.run("import mlflow\nuri, here = mlflow.get_tracking_uri(), os.getcwd()")
    session.run(f"os.chdir({str(tmp_path)!r})\nmlflow.set_tracking_uri('sqlite:///other.db')")
    found = session.run("print(json.dumps([s.name for s in ipy_llmtrace.cell(3).spans]))")
    session.run("os.chdir(here)\nmlflow.set_tracking_uri(uri)")
    assert found.value == ["litellm-completion"]
