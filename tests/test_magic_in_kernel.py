"""The magics in a real kernel: what a notebook keeps of cells that call models, and what is left when tracing is off."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel import Kernel, carries_bundle, kernel
from receivers import http_receiver

from ipy_llmtrace import demo

pytestmark = pytest.mark.notebook

CALL = "litellm.completion(MODEL, [{'role': 'user', 'content': 'hello'}]).choices[0].message.content"
AWAIT = "await litellm.acompletion(MODEL, [{'role': 'user', 'content': 'hello'}]);"
ASYNC = "litellm.acompletion(MODEL, [{'role': 'user', 'content': '%s'}])"
HEAVY = "import json, sys\nprint(json.dumps(sorted({'mlflow', 'litellm'} & set(sys.modules))))"


@pytest.fixture(scope="module")
def environment(server: demo.DemoServer) -> dict[str, str]:
    """The demo server for LiteLLM, and nothing of ours: what the package needs beyond it must come from itself."""
    ours = {"OPENAI_API_KEY": "demo", "OPENAI_BASE_URL": server.url, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "LITELLM_", "LLMTRACE"))}
    return inherited | ours | {"MLFLOW_DISABLE_TELEMETRY": "true", "LLMTRACE_SPOOL": os.environ["LLMTRACE_SPOOL"]}


@pytest.fixture(scope="module")
def running(environment: dict[str, str], server: demo.DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with kernel(tmp_path_factory.mktemp("kernel"), environment) as started:
        started.run(
            f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
            "from conftest import _footprint as footprint\n"
            f"import json, os, litellm, mlflow.litellm, IPython\nMODEL = {server.model!r}"
        )
        yield started


@pytest.fixture
def off(running: Kernel) -> Iterator[Kernel]:
    """The extension is loaded, tracing is off, and after the test nothing has stayed behind."""
    assert running.run("%reload_ext ipy_llmtrace\nbefore = footprint()").error is None
    yield running
    left = running.run(
        "%unload_ext ipy_llmtrace\nafter = footprint()\nprint([k for k in before if before[k] != after[k]] or 'nothing')"
    )
    assert (left.stdout, left.error) == ("nothing\n", None)


@pytest.fixture
def on(off: Kernel) -> Kernel:
    off.run("%llmtrace on")
    return off


def test_on_imports_nothing_heavy_and_each_library_is_traced_from_its_import_on(
    environment: dict[str, str], server: demo.DemoServer, tmp_path: Path
) -> None:
    with kernel(tmp_path, environment) as fresh:
        said = fresh.run("%load_ext ipy_llmtrace\n%llmtrace on").stdout
        assert said.startswith("llmtrace is on: traces show beside each cell's output and go to ")
        assert fresh.run(HEAVY).value == []

        own = fresh.run("import mlflow\n@mlflow.trace\ndef own():\n    return 1\nown()")
        assert [line.split(" · ")[0] for line in own.tree[1:]] == ["└─ own"]
        assert fresh.run(HEAVY).value == ["mlflow"]

        fresh.run(f"import litellm\nMODEL = {server.model!r}")
        called = fresh.run(CALL)
        assert [line.split(" · ")[0] for line in called.tree[1:]] == ["└─ LLM gpt-4o-mini “Hello! How can I help you today?”"]
        assert (own.stderr, called.stderr) == ("", "")
    assert (tmp_path / "mlflow.db").exists()


def test_a_cell_with_calls_has_one_view_and_a_cell_without_none(on: Kernel) -> None:
    called = on.run(CALL)
    assert "1 LLM call" in called.tree[0]
    assert "Hello!" in called.result
    assert on.run("1 + 1").views == []
    assert on.run("litellm.get_llm_provider(MODEL)").views == []


def test_own_spans_and_calls_are_one_tree(on: Kernel) -> None:
    agent = on.run(f"@mlflow.trace(span_type='AGENT')\nasync def agent():\n    return {CALL}\nawait agent()")
    assert [line.split(" · ")[0] for line in agent.tree[1:]] == [
        "└─ AGENT agent",
        "   └─ LLM gpt-4o-mini “Hello! How can I help you today?”",
    ]


def test_calls_in_threads_are_children_of_the_span_that_started_them_unless_asked_not_to(off: Kernel) -> None:
    lines = ["import threading", "@mlflow.trace", "def own():"]
    lines += [f"    thread = threading.Thread(target=lambda: {CALL})", "    thread.start()", "    thread.join()", "own()"]
    thread = "\n".join(lines)
    drawn = {option: off.run(f"%%llmtrace {option}\n{thread}").tree[2][:3] for option in ("", "--no-threads")}
    assert drawn == {"": "   ", "--no-threads": "└─ "}


def test_an_exception_of_the_users_leaves_the_trace(on: Kernel) -> None:
    raised = on.run(f"{CALL}\n1 / 0")
    assert (raised.error, len(raised.tree)) == ("ZeroDivisionError", 2)


def test_a_call_that_fails_is_in_the_view_with_its_error(on: Kernel) -> None:
    failed = on.run("litellm.completion('openai/fail:401', [{'role': 'user', 'content': 'hello'}])")
    assert failed.error == "AuthenticationError"
    assert "1 error" in failed.tree[0]
    assert "✗ AuthenticationError" in failed.tree[1]


HOLDERS = """\
import asyncio, os, signal, threading, time

gate, begun = threading.Event(), threading.Event()

def in_a_thread():
    span = mlflow.start_span_no_context("of a thread")
    begun.set()
    gate.wait()
    span.end()

async def in_a_task():
    span = mlflow.start_span_no_context("of a task")
    await asyncio.to_thread(gate.wait)
    span.end()
"""
LEFT_BY_A_CALL = """\
thread = threading.Thread(target=in_a_thread)
thread.start(); begun.wait()
left = mlflow.start_span_no_context("left")
os.kill(os.getpid(), signal.SIGINT)
time.sleep(60)
"""
LEFT_BY_AN_AWAIT = """\
task = asyncio.ensure_future(in_a_task())
await asyncio.sleep(0)
left = mlflow.start_span_no_context("left")
asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGINT)
await asyncio.sleep(60)
"""


@pytest.mark.parametrize(
    ("leaving", "error", "held", "end"),
    [
        (LEFT_BY_A_CALL, "KeyboardInterrupt", "of a thread", "thread.join()"),
        (LEFT_BY_AN_AWAIT, "CancelledError", "of a task", "await task"),
    ],
)
def test_what_an_interrupted_cell_has_left_open_is_interrupted_unless_a_thread_or_task_has_it(
    on: Kernel, leaving: str, error: str, held: str, end: str
) -> None:
    on.run(HOLDERS)
    assert on.run(leaving).error == error
    statuses = "print(json.dumps([[span.name, span.status, span.message] for span in cell.spans]))"
    found = on.run(f"import ipy_llmtrace\ncell = ipy_llmtrace.last()\n{statuses}").value
    assert found == [[held, "running", ""], ["left", "error", "interrupted"]]
    on.run(f"gate.set()\n{end}\nleft.end()")
    assert on.run(statuses).value == [[held, "ok", ""], ["left", "ok", ""]]


def test_a_span_that_a_cell_leaves_open_without_an_interrupt_runs_on(on: Kernel) -> None:
    on.run("left = mlflow.start_span_no_context('left')\n1 / 0")
    on.run("import ipy_llmtrace\ncell = ipy_llmtrace.last()")
    assert on.run("print(json.dumps([s.status for s in cell.spans]))").value == ["running"]
    on.run("left.end()")
    assert on.run("print(json.dumps([s.status for s in cell.spans]))").value == ["ok"]


def test_off_shows_nothing_more(on: Kernel) -> None:
    assert on.run("%llmtrace off").stdout == "llmtrace is off\n"
    assert on.run(CALL).views == []
    assert on.run("%llmtrace off").stdout == "llmtrace is off\n"


def test_on_again_after_off_traces_each_call_once(on: Kernel) -> None:
    on.run("%llmtrace off")
    on.run("%llmtrace on")
    on.run("%llmtrace on")
    assert "1 LLM call" in on.run(CALL).tree[0]
    assert "1 LLM call" in on.run(AWAIT).tree[0]


def test_loading_twice_says_so_and_changes_nothing(on: Kernel) -> None:
    assert "already loaded" in on.run("%load_ext ipy_llmtrace").stdout
    assert len(on.run(CALL).tree) == 2


def test_unloading_ends_tracing_and_takes_the_magics_away(on: Kernel) -> None:
    on.run("%unload_ext ipy_llmtrace")
    assert on.run(CALL).views == []
    assert "not found" in on.run("%llmtrace").stderr
    assert on.run(f"%%llmtrace\n{CALL}").views == []
    assert on.run("%load_ext ipy_llmtrace\n%llmtrace on").error is None
    assert len(on.run(CALL).tree) == 2


def test_one_cell_is_traced_while_off(off: Kernel) -> None:
    traced = off.run(f"%%llmtrace\nx = 1\n{CALL}")
    assert "1 LLM call" in traced.tree[0]
    assert "Hello!" in traced.result
    assert off.run(CALL).views == []
    assert off.run("print(json.dumps([before == footprint(), x]))").value == [True, 1]


def test_one_cell_that_raises_leaves_tracing_off(off: Kernel) -> None:
    raised = off.run(f"%%llmtrace\n{CALL}\n1 / 0")
    assert (raised.error, len(raised.tree)) == ("ZeroDivisionError", 2)
    assert off.run(CALL).views == []


def test_one_cell_that_is_no_python_leaves_tracing_off(off: Kernel) -> None:
    assert off.run("%%llmtrace\n1 +").error == "SyntaxError"
    assert off.run(CALL).views == []


def test_one_cell_with_other_options_while_on_leaves_tracing_on(on: Kernel) -> None:
    silent = on.run(f"%%llmtrace --view off\n{CALL}")
    assert (silent.views, silent.error) == ([], None)
    assert len(on.run(CALL).tree) == 2
    assert on.run(f"%%llmtrace --view off\n{CALL}\n1 / 0").error == "ZeroDivisionError"
    assert len(on.run(CALL).tree) == 2


def test_one_cell_may_await(off: Kernel) -> None:
    awaited = off.run(f"%%llmtrace\n{AWAIT}")
    assert (len(awaited.tree), awaited.error) == (2, None)


@pytest.fixture
def patient(off: Kernel) -> Iterator[Kernel]:
    """Calls may take long to begin, and to end, on a slow machine."""
    off.run("from ipy_llmtrace import session\nlimits = session.BEGIN_S, session.WAIT_S\nsession.BEGIN_S = session.WAIT_S = 60")
    yield off
    off.run("session.BEGIN_S, session.WAIT_S = limits")


def test_one_cell_waits_for_the_calls_it_has_left_running(patient: Kernel) -> None:
    left = patient.run(f"%%llmtrace\nimport asyncio\ntask = asyncio.create_task({ASYNC % 'slow:0.3 echo:LATE'})")
    assert "running" not in left.tree[1]
    assert patient.run("print(json.dumps(before == footprint()))").value is True


def test_one_cells_calls_that_outlive_the_wait_are_said_to_when_the_next_cell_begins(patient: Kernel) -> None:
    patient.run("import asyncio\nsession.WAIT_S = 0.1")
    left = patient.run(f"%%llmtrace\ntask = asyncio.create_task({ASYNC % 'slow:60 echo:NEVER'})")
    assert left.tree[-1] == "… 1 span still running when the notebook ended"
    assert patient.run("print(json.dumps(before == footprint()))\ntask.cancel();").value is True
    assert left.tree[-1] == "… 1 span still running when tracing was switched off"


def test_unloading_takes_the_wait_out_of_the_kernel(off: Kernel) -> None:
    waits = "'do_execute' in vars(get_ipython().kernel)"
    assert off.run(f"print(json.dumps({waits}))").value is True
    assert off.run(f"%unload_ext ipy_llmtrace\nprint(json.dumps({waits}))").value is False
    off.run("%load_ext ipy_llmtrace")


def test_the_view_is_where_it_was_asked_for(off: Kernel) -> None:
    as_text = off.run(f"%%llmtrace --view text\n{CALL}")
    assert as_text.views == []
    assert as_text.stdout.startswith("LLM trace, cell [")
    assert off.run(f"%%llmtrace --view off\n{CALL}").views == []
    assert len(off.run(f"%%llmtrace --view below\n{CALL}").tree) == 2
    placements = [state["placement"] for state in off.widgets() if "placement" in state]
    assert placements[-1] == "below"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("nonsense", ["nonsense", "on", "off", "show", "last", "flush"]),
        ("on --nonsense", ["--nonsense"]),
        ("on --view sideways", ["sideways", "beside", "below", "text", "off"]),
        ("on --max-saved much", ["much", "512kB"]),
        ("on --experiment 'one", ["No closing quotation"]),
        ("on --tracking-uri htp://ada:secret@team:5000", ["htp://team:5000", "did you mean http://team:5000?"]),
        ("show 9999", ["9999", "the newest is cell"]),
        ("show tr-0", ["no trace tr-0 in this session, nor in sqlite:"]),
        ("show -99", ["-99", "the newest is cell"]),
        ("show what", ["what", "In[3]", "-1"]),
    ],
)
def test_a_mistake_is_told_in_one_line_with_what_there_is(on: Kernel, words: str, named: list[str]) -> None:
    on.run(CALL)
    told = on.run(f"%llmtrace {words}")
    assert told.stderr.startswith("UsageError: ")
    assert told.stderr.count("\n") == 1
    assert [name for name in named if name not in told.stderr] == []
    assert told.stdout == ""


def test_a_mistake_in_a_cell_magic_does_not_run_the_cell(off: Kernel) -> None:
    told = off.run("%%llmtrace --nonsense\nran = True")
    assert "--nonsense" in told.stderr
    assert off.run("print(json.dumps('ran' in globals()))").value is False


def test_show_and_last_find_what_ran(on: Kernel) -> None:
    on.run(CALL)
    number = on.run("t = %llmtrace last\nprint(t.execution_count)").value
    for reference in ("", str(number), f"In[{number}]", "-1"):
        assert on.run(f"%llmtrace show {reference}").tree[0].startswith(f"LLM trace, cell [{number}]")
    trace_id = on.run("print(json.dumps(t.traces))").value[0]
    assert len(on.run(f"%llmtrace show {trace_id}").tree) == 2


def test_show_before_there_is_anything_says_what_to_do(off: Kernel) -> None:
    assert "%llmtrace on" in off.run("%llmtrace show").stderr
    assert "%llmtrace on" in off.run("%llmtrace last").stderr


def test_a_cell_that_is_run_again_is_counted_by_its_new_number(on: Kernel) -> None:
    first, again = on.run(CALL, "same"), on.run(CALL, "same")
    assert len(first.tree) == len(again.tree) == 2
    assert first.tree[0].split(" · ")[0] != again.tree[0].split(" · ")[0]


def test_the_environment_can_keep_it_off(off: Kernel) -> None:
    kept_off = off.run("os.environ['LLMTRACE'] = 'off'\n%llmtrace on")
    assert "LLMTRACE=off" in kept_off.stdout
    assert off.run(CALL).views == []
    assert off.run(f"%%llmtrace\n{CALL}").views == []
    off.run("del os.environ['LLMTRACE']")


def test_the_status_says_where_traces_go_and_what_was_used(on: Kernel) -> None:
    on.run(CALL)
    status = on.run("%llmtrace").stdout
    assert status.startswith("llmtrace is on · traces go to sqlite:///")
    assert "1 LLM call" in status


def test_flush_returns_when_the_store_has_the_trace(on: Kernel) -> None:
    on.run(CALL)
    on.run("t = %llmtrace last\n%llmtrace flush")
    stored = on.run("print(json.dumps([s.name for s in mlflow.get_trace(t.traces[0]).data.spans]))")
    assert stored.value == ["litellm-completion"]


def test_help_is_the_same_by_question_mark_and_by_option(off: Kernel) -> None:
    printed = off.run("%llmtrace -h").stdout
    assert "usage: %llmtrace" in printed
    assert "usage: %llmtrace on" in off.run("%llmtrace on -h").stdout
    pager = off.run("print(get_ipython().inspector.info(get_ipython().find_line_magic('llmtrace'))['docstring'])")
    assert pager.stdout.split() == printed.split()


def test_one_bundle_is_saved_however_many_views_there_are(on: Kernel) -> None:
    on.run(CALL)
    on.run(CALL)
    states = on.widgets()
    # Of this kernel's whole life: neither `off` nor unloading leads to a second one.
    assert sum(map(carries_bundle, states)) == 1
    assert len(states) > 2


def test_the_python_functions_do_what_the_magics_do(off: Kernel) -> None:
    off.run("import ipy_llmtrace\nipy_llmtrace.enable(view='below')")
    off.run(CALL)
    assert len(off.run("ipy_llmtrace.show(ipy_llmtrace.last())").tree) == 2
    assert off.run("ipy_llmtrace.cell(9999)").error == "LookupError"
    for mistake in ("view='left'", "tracking_uri='htp://team'", "tracking_uri=5", "otlp='nowhere'"):
        assert off.run(f"ipy_llmtrace.enable({mistake})").error == "ValueError"
    off.run("ipy_llmtrace.disable()")
    assert off.run(CALL).views == []


def test_a_trace_is_exported_and_shown_from_its_file(on: Kernel) -> None:
    on.run(CALL)
    written = on.run("%llmtrace export exported.json\n%llmtrace export exported.html -1")
    assert [line.rpartition("/")[2] for line in written.stdout.splitlines()] == ["exported.json", "exported.html"]
    shown = on.run("%llmtrace show exported.json")
    assert shown.tree[0].startswith("LLM trace, cell [exported.json] · 1 LLM call · 13 tokens")
    assert on.run("print(open('exported.html').read(15))").stdout == "<!doctype html>\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%llmtrace export trace.txt", ".html"),
        ("%llmtrace export no/such/directory.json", "cannot be written"),
        ("%llmtrace show missing.json", "cannot be read"),
    ],
)
def test_a_path_that_does_not_serve_is_one_line(on: Kernel, line: str, said: str) -> None:
    on.run(CALL)
    ran = on.run(line)
    assert ran.error is None or ran.error == "UsageError"
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_trace_of_an_earlier_kernel_is_shown_from_the_store(running: Kernel, on: Kernel) -> None:
    """Another session's: this one's cells do not have it."""
    on.run("import mlflow\nwith mlflow.start_span('of before', span_type='AGENT') as earlier: pass\nTRACE = earlier.trace_id")
    on.run("%llmtrace flush")
    on.run("%llmtrace off\n%unload_ext ipy_llmtrace\n%load_ext ipy_llmtrace")

    shown = on.run("%llmtrace show $TRACE")
    assert "of before" in shown.tree[1]
    assert on.run("import ipy_llmtrace; print(ipy_llmtrace.cell(TRACE).spans)").stdout == "[<Span 'of before' AGENT ok>]\n"
    nothing = on.run("%llmtrace show tr-0")
    assert nothing.stderr.startswith("UsageError: no trace tr-0 in this session, nor in sqlite:///")
    assert len(nothing.stderr.strip().splitlines()) == 1


def test_traces_as_last_values_are_views_while_on_and_mlflows_own_again_after_off(running: Kernel, on: Kernel) -> None:
    on.run("import mlflow, ipy_llmtrace\nwith mlflow.start_span('kept', span_type='AGENT') as kept: pass")
    on.run("%llmtrace flush\ntrace = mlflow.get_trace(kept.trace_id)")
    for value in ("trace", "[trace]", "mlflow.search_traces(filter_string=f\"trace.request_id = '{kept.trace_id}'\")"):
        (view,) = on.run(value).views
        assert "kept" in view["text/html"]
    assert "kept" in on.run("ipy_llmtrace.show([trace])").tree[1]
    assert on.run("ipy_llmtrace.show([1])").error == "TypeError"

    on.run("%llmtrace on --view text")
    printed = on.run("trace")
    assert "kept" in printed.stdout
    assert printed.result.startswith("Trace(trace_id=")
    on.run("%llmtrace on --view off")
    assert on.run("mlflow.tracing.display.IPythonTraceDisplayHandler.disabled").result == "False"

    on.run("%llmtrace on\nmlflow.tracing.enable_notebook_display()\n%llmtrace off")
    assert on.run("mlflow.tracing.display.IPythonTraceDisplayHandler.disabled").result == "False"
    on.run("%llmtrace on\nmlflow.tracing.disable_notebook_display()\n%llmtrace off")
    assert on.run("mlflow.tracing.display.IPythonTraceDisplayHandler.disabled").result == "True"
    on.run("mlflow.tracing.enable_notebook_display()")
    assert on.run("trace").views == []


def test_spans_go_to_a_collector_too_or_to_it_alone_and_the_commands_say_so(off: Kernel) -> None:
    with http_receiver() as collector:
        said = off.run(f"%llmtrace on --otlp {collector.url}").stdout
        assert said.endswith(f"mlflow.db and {collector.url} (OTLP, http/protobuf)\n")
        assert "1 LLM call" in off.run(CALL).tree[0]
        assert off.run("%llmtrace flush").stdout.endswith("llmtrace: the store and the collector have everything\n")
        said = off.run(f"%llmtrace on --otlp {collector.url} --otlp-only").stdout
        assert said.endswith(f" go to {collector.url} (OTLP, http/protobuf)\n")
        off.run(CALL)
        refused = off.run(
            "import ipy_llmtrace\ntry: ipy_llmtrace.last().feedback(True)\nexcept ValueError as error: print(error)"
        )
        assert refused.stdout.startswith("no MLflow store has the trace of cell ")
        assert off.run("%llmtrace flush").stdout.endswith("llmtrace: the collector has everything\n")
        assert [span.name for span in collector.spans] == ["chat gpt-4o-mini"] * 2


def test_an_endpoint_that_cannot_be_is_one_line_and_changes_nothing(on: Kernel) -> None:
    refused = on.run("%llmtrace on --otlp localhost:4317")
    assert refused.stderr.strip() == (
        "UsageError: --otlp: localhost:4317 is no URL such as http://localhost:4318/v1/traces or http://localhost:4317"
    )
    assert "1 LLM call" in on.run(CALL).tree[0]
