"""Whatever fails in a hook of ours: the user's results, exceptions and output are those of a run without us."""

# ruff: noqa: E501 - a line of a cell is not to be broken
from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from driven_kernel import Notebook, notebook
from matrix import environment

import ipy_llmtrace
from ipy_llmtrace import demo

pytestmark = pytest.mark.notebook

# What the user's code does, and all that it can see of it. Ids and times differ from call to call.
# The streams of the openai package are cycles: httpcore locks itself up when they are collected while it takes a connection,
# with us or without, so they are collected here.
CALLS = """
import gc
def seen(reply):
    found = reply if isinstance(reply, dict) else reply.model_dump(warnings=False)
    return {name: found.get(name) for name in ('choices', 'usage', 'model', 'content')}
def text(chunks):
    return [c.choices[0].delta.content for c in chunks if c.choices]
async def everything():
    import mlflow.tracing
    messages, long = [{'role': 'user', 'content': 'hello'}], [{'role': 'user', 'content': 'length:200'}]
    claude = {'model': 'anthropic/claude-haiku-4-5', 'max_tokens': 20, 'api_key': 'demo', 'api_base': ROOT, 'messages': messages}
    with mlflow.start_span('own'):
        yield seen(litellm.completion(messages=messages, **kw))
        yield seen(await litellm.acompletion(messages=messages, **kw))
    yield text(litellm.completion(messages=messages, stream=True, **kw))
    yield text([c async for c in await litellm.acompletion(messages=messages, stream=True, **kw)])
    for chunk in litellm.completion(messages=long, stream=True, **kw):
        yield chunk.choices[0].delta.content
        break
    next(litellm.completion(messages=long, stream=True, **kw))
    gc.collect()
    yield seen(await litellm.anthropic.messages.acreate(**claude))
    yield b''.join([e async for e in await litellm.anthropic.messages.acreate(stream=True, **claude)]).count(b'event:')
    yield seen(litellm.completion(messages=messages, fallbacks=['openai/gpt-4o-mini'], model='openai/fail:500', max_retries=0, **base))
    class Handler(litellm.CustomLLM):
        def completion(self, *args, **kwargs):
            return litellm.completion(messages=messages, **kw)
        def streaming(self, *args, **kwargs):
            yield from (piece('by'), piece('hand', True))
        async def astreaming(self, *args, **kwargs):
            yield piece('by hand', True)
    def piece(said, last=False):
        return dict(text=said, is_finished=last, finish_reason='stop' if last else '', index=0, tool_use=None, usage=None)
    litellm.custom_provider_map = [{'provider': 'handler', 'custom_handler': Handler()}]
    yield seen(litellm.completion(messages=messages, model='handler/x'))
    yield text(litellm.completion(messages=messages, stream=True, model='handler/x'))
    yield text([c async for c in await litellm.acompletion(messages=messages, stream=True, model='handler/x')])
    yield type(litellm.responses(input='hello', **kw)).__name__
    for failing in ('fail:401', 'fail:500'):
        for number, call in enumerate((litellm.completion, litellm.acompletion)):
            try:
                reply = call(messages=messages, model=f'openai/{failing}', max_retries=0, **base)
                yield seen(await reply if number else reply)
            except Exception as error:
                yield [type(error).__name__, str(error), type(error.__cause__).__name__]
    try:
        litellm.moderation(input='hi', model='openai/x', **base)
    except Exception as error:
        yield [type(error).__name__, str(error)]
    try:
        await asyncio.wait_for(litellm.acompletion(messages=[{'role': 'user', 'content': 'hang:1'}], **kw), 0.05)
    except TimeoutError as error:
        yield type(error).__name__
    with ThreadPoolExecutor(1) as pool:
        yield seen(pool.submit(litellm.completion, messages=messages, **kw).result())
    @mlflow.trace
    def numbers():
        yield 1
        yield 2
    for number in numbers():
        yield number
        break
print('before')
import json
print(json.dumps([found async for found in everything()], default=str))
'the result'
"""
BREAK = """
import importlib
owner = getattr(importlib.import_module({module!r}), {name!r})
original, failed = owner.__dict__[{method!r}], []
def fail(*args, **kwargs):
    failed.append(1)
    raise RuntimeError('broken on purpose')
setattr(owner, {method!r}, fail)
"""
MEND = "setattr(owner, {method!r}, original)\nprint(len(failed))"


@dataclass(frozen=True)
class Hook:
    """A method that runs within the user's calls."""

    module: str
    name: str
    method: str

    def __str__(self) -> str:
        return f"{self.module.removeprefix('ipy_llmtrace.')}.{self.name}.{self.method}"


# What is called when tracing is switched on or off; the borders themselves, where what they call is caught; and what only the
# user calls.
_NOT_HOOKS = {"install", "remove", "start", "stop", "close", "follow", "shutdown", "force_flush", "destination"}
_NOT_HOOKS |= {"log_pre_api_call", "log_success_event", "log_failure_event", "on_start", "on_end", "_closing", "_async_closing"}
_NOT_HOOKS |= {"_hook_mlflow", "_hook_litellm", "_litellm_executed_again", "_attach", "_detach", "reinstall", "hooked"}
_NOT_HOOKS |= {"_take_over_export", "_make_libraries", "_make_threads", "_hooks"}
_NOT_HOOKS |= {"load", "unload", "switch_on", "switch_off", "trace_running_cell", "_set", "show", "redactor", "flush"}
_NOT_HOOKS |= {"delivery_status"}
# These call what is guarded, and no more.
_NOT_HOOKS |= {"on", "why", "interrupted"}
_WITHIN_CALLS = [
    "recorder.litellm.logger",
    "recorder.litellm.calls",
    "recorder.litellm.streams",
    "recorder.litellm.replies.chat_chunks",
    "recorder.litellm.replies.event_bytes",
    "recorder.litellm.replies.anthropic_events",
    "recorder.litellm.replies.responses_events",
    "recorder.litellm.entry_and_exit",
    "recorder.litellm.custom_handlers",
    "recorder.litellm.http_requests",
    "recorder.litellm.retries",
    "recorder.endings",
    "recorder.interruptions",
    "recorder.litellm.openai_autolog",
    "recorder.litellm.moderation",
    "recorder.litellm.shared",
    "recorder.mlflow_spans",
    "recorder.mlflow_hook",
    "recorder.recorder",
    "recorder.threads",
    "recorder.delivery.trace_locations",
    "cells.cell_trace",
    "cells.ownership",
    "cells.change_feed",
    "cells.cell_spans",
    "cells.execution",
    "cells.freed_cell_changes",
    "shell.cell_events",
    "views.base",
    "views.display",
    "views.live",
    "views.cell_view",
    "views.cell_messages",
    "views.front_end",
    "views.kernel_app",
    "views.link_updates",
    "session",
]


def _is_protocol(owner: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in owner.bases)


def _hooks(module: str) -> Iterator[Hook]:
    """The methods of a module's classes, by its source: to import them all takes seconds."""
    path = Path(ipy_llmtrace.__file__).parent.joinpath(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for owner in ast.parse(source.read_text(encoding="utf-8")).body:
        if not isinstance(owner, ast.ClassDef) or owner.name in {"NoViews", "TextViews"} or _is_protocol(owner):
            continue
        for method in owner.body:
            # A function with `original` makes a patch, when tracing is switched on.
            if (
                isinstance(method, ast.FunctionDef)
                and not method.decorator_list
                and not method.name.startswith("__")
                and method.name not in _NOT_HOOKS
                and "original" not in [argument.arg for argument in method.args.args]
            ):
                yield Hook(f"ipy_llmtrace.{module}", owner.name, method.name)


HOOKS = [hook for module in _WITHIN_CALLS for hook in _hooks(module)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, server: demo.DemoServer) -> Iterator[Notebook]:
    directory = tmp_path_factory.mktemp("hurts")
    store = f"sqlite:///{directory}/mlflow.db"
    with notebook(directory, environment("ours", server.url, directory / "probe.jsonl", store)) as started:
        started.run("%xmode Minimal\nimport asyncio\nfrom concurrent.futures import ThreadPoolExecutor\nfrom probe import *")
        # LiteLLM's advice on every failure is the one thing that is not printed while we are on.
        started.run("litellm.suppress_debug_info = True\n%load_ext ipy_llmtrace")
        yield started


@pytest.fixture(scope="module")
def without_us(running: Notebook) -> tuple[str, list[str], str | None]:
    return what_the_user_sees(running)


def what_the_user_sees(running: Notebook) -> tuple[str, list[str], str | None]:
    ran = running.run(CALLS)
    results = [bundle["text/plain"] for bundle in ran.outputs if "LLM trace" not in bundle["text/plain"]]
    return ran.printed["stdout"], results, ran.error


def test_the_calls_do_what_they_are_meant_to(without_us: tuple[str, list[str], str | None]) -> None:
    printed, results, error = without_us
    assert (results, error) == (["'the result'"], None)
    assert len(json.loads(printed.splitlines()[1])) == 20


@pytest.mark.slow
@pytest.mark.parametrize("hook", HOOKS, ids=str)
def test_a_hook_that_fails_changes_nothing_and_is_said_once(
    running: Notebook, without_us: tuple[str, list[str], str | None], hook: Hook
) -> None:
    broken = {"module": hook.module, "name": hook.name, "method": hook.method}
    first = len(running.cells)
    # Before all is switched on, since what is switched on keeps hold of methods.
    running.run(BREAK.format(**broken))
    try:
        running.run("%reload_ext ipy_llmtrace\n%llmtrace on")
        assert what_the_user_sees(running) == without_us
    finally:
        times = running.run(MEND.format(**broken)).printed["stdout"]
        running.run("%llmtrace off\n%unload_ext ipy_llmtrace")
    said = "".join(cell.printed["stderr"] for cell in list(running.cells.values())[first:])
    # LiteLLM writes there, too.
    lines = [line for line in said.splitlines() if line.startswith("llmtrace") or "broken on purpose" in line]
    assert ["%llmtrace off" in line for line in lines] == ([True] if times.strip() != "0" else [])


RENAME = """
from ipy_llmtrace.recorder.patches import Patches
replace = Patches.replace
def missing(self, owner, name, make):
    if name == {name!r}:
        raise AttributeError(f'no {{name}}')
    replace(self, owner, name, make)
Patches.replace = missing
"""
RELIED_ON = [
    "_drive",
    "_call_sync",
    "completion_with_retries",
    "_restore_correlation_context_if_supported",
    "client",
    "success_handler",
    "sync_get_cache",
    "async_get_cache",
    "send",
    "moderation",
    "init",
    "_get_span_processors",
    "end",
    "_wrap_generator",
]


@pytest.mark.parametrize("name", RELIED_ON)
def test_where_something_relied_on_is_gone_plain_autolog_records_and_it_is_said_once(running: Notebook, name: str) -> None:
    running.run(RENAME.format(name=name))
    try:
        switched = running.run("%reload_ext ipy_llmtrace\n%llmtrace on")
        called = running.run(
            "before = begun()\nlitellm.completion(messages=[{'role': 'user', 'content': 'hello'}], **kw)"
            ".choices[0].message.content, begun() - before"
        )
    finally:
        running.run("Patches.replace = replace\n%llmtrace off\n%unload_ext ipy_llmtrace\nreset_callbacks()")
    said = (switched.printed["stderr"] + called.printed["stderr"]).splitlines()
    assert (switched.error, called.error) == (None, None)
    assert [line.startswith("llmtrace: ") and name in line for line in said if "llmtrace" in line] == [True]
    assert "('Hello! How can I help you today?', 1)" in [bundle["text/plain"] for bundle in called.outputs]
