"""Rows 11 to 15: other roads in, kinds of cells, MLflow's own switches, seeds, and on and off."""

# ruff: noqa: E501 - a line of a cell is not to be broken
from __future__ import annotations

from row import Row, row

_CALL = "with ask() as q:\n    q.got(litellm.completion(messages=q(), **kw))\n"
_AWAIT = "with ask() as q:\n    q.got(await litellm.acompletion(messages=q(), **kw))\n"
_MINE = """
from litellm.integrations.custom_logger import CustomLogger
class Mine(CustomLogger):
    heard = []
    def log_success_event(self, kwargs, response_obj, start_time, end_time):
        self.heard.append({k: kwargs['optional_params'].get(k) for k in ('temperature', 'user', 'tools')})
    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        if kwargs['call_type'] == 'acompletion':
            self.log_success_event(kwargs, response_obj, start_time, end_time)
mine = Mine()
litellm.callbacks.append(mine)
tools = [{'type': 'function', 'function': {'name': 'f', 'parameters': {'type': 'object', 'properties': {}}}}]
asked = {'temperature': 0.5, 'user': 'me', 'tools': tools}
with ask() as q:
    q.got(CALL(messages=q(), **asked, **kw))
for _ in range(50):
    await asyncio.sleep(0.02)
    if mine.heard: break
check('e', mine.heard == [asked], f'my callback heard {mine.heard}')
"""


def _rows_of_roads() -> list[Row]:
    group = "11 other roads"
    openai = "import mlflow.openai\nmlflow.openai.autolog(silent=True)\nlitellm.in_memory_llm_clients_cache.flush_cache()\n"
    return [
        row(
            group,
            "completion imported by name before tracing",
            "switch(False)\nfrom litellm import completion as early, acompletion as aearly\nswitch(True)",
            _CALL.replace("litellm.completion", "early") + _AWAIT.replace("litellm.acompletion", "aearly"),
            clean="reset()",
        ),
        row(
            group,
            "callbacks = ['mlflow'] set by the user",
            "before = litellm.callbacks\nlitellm.callbacks = ['mlflow']\n" + _CALL + _AWAIT,
            clean="litellm.callbacks = before\nreset()",
        ),
        row(
            group,
            "openai.autolog on as well",
            openai + _CALL + _AWAIT,
            clean="mlflow.openai.autolog(disable=True, silent=True)\nlitellm.in_memory_llm_clients_cache.flush_cache()",
        ),
        row(
            group,
            "the user's own callback, sync",
            _MINE.replace("CALL", "litellm.completion"),
            clean="reset()",
        ),
        row(
            group,
            "the user's own callback, async",
            _MINE.replace("CALL", "await litellm.acompletion"),
            clean="reset()",
        ),
    ]


def _rows_of_imports() -> list[Row]:
    group = "11 other roads"
    again = "removed = forget('litellm')\nimport litellm"
    back = "put_back(removed)\nimport litellm\nreset()"
    old = "from litellm import completion as old\n" + again
    used = _CALL.replace("litellm.completion", "old")
    lists = "for name in CALLBACK_LISTS:\n    setattr(litellm, name, [])\n"
    return [
        row(group, "litellm imported again", again, _CALL + _AWAIT, clean=back),
        row(group, "litellm imported again, in the cell that calls", f"{again}\n{_CALL}{_AWAIT}", clean=back, slow=True),
        row(group, "litellm imported again, off and on", again, "switch(False)\nswitch(True)", _CALL + _AWAIT, clean=back),
        row(
            group,
            "litellm imported again, the old copy used",
            old,
            used,
            clean=back,
            slow=True,
            # MLflow has the success event come in time only in the copy that autolog was last switched on with.
            skip=("c", "e"),
        ),
        row(
            group,
            "litellm removed alone and imported again",
            "old = sys.modules.pop('litellm')\nimport litellm",
            _CALL + _AWAIT,
            clean="litellm = sys.modules['litellm'] = old\nreset()",
        ),
        row(group, "litellm reloaded", "import importlib\nimportlib.reload(litellm);", _CALL + _AWAIT, clean="reset()"),
        row(group, "LiteLLM's lists of callbacks made anew by the user", lists + _CALL + _AWAIT, clean="reset()"),
    ]


def _rows_of_libraries() -> list[Row]:
    group = "11 other roads"
    dspy = "import dspy\nlm = dspy.LM(M, api_base=URL, api_key='demo', cache=False)\nwith ask() as q:\n    lm(messages=q())"
    smolagents = (
        "from smolagents import LiteLLMModel\nmodel = LiteLLMModel(model_id=M, api_base=URL, api_key='demo')\n"
        "with ask() as q:\n    model.generate([{'role': 'user', 'content': [{'type': 'text', 'text': q.text()}]}])"
    )
    langchain = (
        "from langchain_litellm import ChatLiteLLM\nmodel = ChatLiteLLM(model=M, api_base=URL, api_key='demo')\n"
        "with ask() as q:\n    model.invoke(q.text())"
    )
    return [
        row(group, "DSPy", dspy, extra="dspy", slow=True),
        row(group, "smolagents' LiteLLMModel", smolagents, extra="smolagents", slow=True),
        row(group, "LangChain's ChatLiteLLM", langchain, extra="langchain_litellm", slow=True),
    ]


def _rows_of_cells() -> list[Row]:
    group = "12 cells"
    task = (
        "async def one(cell):\n    with ask('slow:0.5 hi', cell=cell) as q:\n"
        "        q.got(await litellm.acompletion(messages=q(), **kw))\ntask{0} = asyncio.create_task(one({0}))\nawait asyncio.sleep(0.2)"
    )
    return [
        row(group, "%%time", f"%%time\n{_CALL}"),
        row(group, "%run", f"path = named('script') + '.py'\nopen(path, 'w').write({_CALL!r})\n%run -i $path"),
        row(group, "%%capture", f"%%capture captured\n{_CALL}", skip=("a",)),
        row(group, "%%llmtrace while on", f"%%llmtrace\n{_CALL}", _CALL, ours=True),
        row(
            group,
            "%%llmtrace within %%llmtrace",
            f"%%llmtrace\n{_CALL}get_ipython().run_cell_magic('llmtrace', '', {_CALL!r})",
            ours=True,
        ),
        row(group, "%%llmtrace while off", "%llmtrace off", f"%%llmtrace\n{_AWAIT}", clean="%llmtrace on", ours=True),
        row(group, "run again while its task still runs", task.format(0), task.format(1), same_cell=True, asks=2),
        row(group, "Run All", _CALL, _AWAIT, _CALL, together=True),
        row(group, "Restart & Run All", _AWAIT, _CALL, _AWAIT, restart=True, together=True),
    ]


def _rows_of_switches() -> list[Row]:
    group = "13 MLflow's switches"
    location = "mlflow.entities.trace_location.MlflowExperimentLocation(mlflow.set_experiment(named('to')).experiment_id)"
    changes = {
        "set_tracking_uri": ("mlflow.set_tracking_uri(OTHER_URI)", "mlflow.set_tracking_uri(before)"),
        "set_experiment": ("mlflow.set_experiment(named('other'))", "mlflow.set_experiment('Default')"),
        "set_destination": (
            f"import mlflow.entities.trace_location\nmlflow.tracing.set_destination({location})",
            "mlflow.tracing.reset()\nmlflow.set_experiment('Default')",
        ),
        "disable and enable": ("mlflow.tracing.disable()\nmlflow.tracing.enable()", ""),
        "reset": ("mlflow.tracing.reset()", ""),
        "mlflow.autolog()": ("mlflow.autolog(silent=True)", "mlflow.autolog(disable=True, silent=True)\nreset()"),
    }
    before = "before = mlflow.get_tracking_uri()\n"
    rows = [
        row(group, f"{name}, between cells", before + _CALL, change, _AWAIT, clean=back)
        for name, (change, back) in changes.items()
    ]
    rows += [
        row(group, f"{name}, inside a cell", f"{before}{_CALL}{change}\n{_AWAIT}", clean=back)
        for name, (change, back) in changes.items()
    ]
    quiet = "before = begun()\nlitellm.completion(messages=[{'role': 'user', 'content': 'hi'}], **kw)\nawait litellm.acompletion(messages=[{'role': 'user', 'content': 'hi'}], **kw);\nawait asyncio.sleep(0.2)\n"
    ratio = "os.environ['MLFLOW_TRACE_SAMPLING_RATIO'] = '{}'\nmlflow.tracing.reset()\n"
    back = "del os.environ['MLFLOW_TRACE_SAMPLING_RATIO']\nmlflow.tracing.reset()"
    return [
        *rows,
        row(
            group,
            "sampling ratio 0",
            ratio.format(0) + quiet + "check('c', begun() == before, 'spans although none was wanted')",
            clean=back,
        ),
        row(
            group,
            "sampling ratio 0, four at once",
            ratio.format(0)
            + "import contextlib, io\nbefore = begun()\nwith contextlib.redirect_stderr(io.StringIO()) as said:\n    await asyncio.gather(*[litellm.acompletion(messages=[{'role': 'user', 'content': 'hi'}], **kw) for _ in range(4)]);\ncheck('c', begun() == before, 'spans although none was wanted')\ncheck('d', 'llmtrace' not in said.getvalue(), said.getvalue())",
            clean=back,
        ),
        row(
            group,
            "sampling ratio 0.5",
            ratio.format(0.5)
            + "before = begun()\nfor _ in range(20):\n    litellm.completion(messages=[{'role': 'user', 'content': 'hi'}], **kw);",
            "check('c', 0 < begun() - before < 20, f'{begun() - before} of 20 calls have spans')\ncheck('c', not probe.open, 'spans that never end')",
            clean=back,
        ),
        row(
            group,
            "under a span from before tracing",
            "switch(False)\nold = mlflow.start_span_no_context('own')\nswitch(True)",
            "with mlflow.tracing.provider.safe_set_span_in_context(old):\n"
            + "\n".join(f"    {line}" for line in _CALL.splitlines())
            + "\nold.end()",
        ),
        row(
            group,
            "tracing disabled",
            "mlflow.tracing.disable()",
            quiet + "check('c', begun() == before, 'spans although disabled')",
            clean="mlflow.tracing.enable()",
        ),
    ]


def _rows_of_seeds() -> list[Row]:
    return [row("14 seeds", "random.seed(0) before each call and on re-run", *["random.seed(0)\n" + _CALL] * 2, same_cell=True)]


def _rows_of_on_and_off() -> list[Row]:
    group = "15 on and off"
    again = "for _ in range(3):\n    switch(False)\n    switch(True)"
    call = "litellm.completion(messages=[{'role': 'user', 'content': 'hi'}], **kw);\n"
    acall = "await litellm.acompletion(messages=[{'role': 'user', 'content': 'hi'}], **kw);\nawait asyncio.sleep(0.2)\n"
    return [
        row(
            group,
            "100 times leave nothing behind",
            "%%capture\nfor _ in range(2):\n    switch(True)\n    switch(False)\nbefore = footprint()\n"
            "for _ in range(100):\n    switch(True)\n    switch(False)",
            # What is being written to the store may be written to its end.
            "def left():\n    after = footprint()\n    after['threads'] = [t for t in after['threads'] if t not in before['threads']]\n"
            "    return {name: found for name, found in after.items() if found != (before[name] if name != 'threads' else [])}\n"
            "for _ in range(100):\n    if not left():\n        break\n    await asyncio.sleep(0.1)\ncheck('c', not left(), f'left: {left()}')",
            clean="reset()",
        ),
        row(group, "on again: one span a call", again, _CALL, _AWAIT, clean="reset()"),
        row(group, "on with its output captured", f"%%capture\n{again}", _CALL, clean="reset()"),
        row(
            group,
            "off: no span",
            f"switch(False)\nbefore = begun()\n{call}{acall}check('c', begun() == before, f'{{begun() - before}} spans while off')",
            clean="reset()",
        ),
    ]


ROWS = [
    *_rows_of_roads(),
    *_rows_of_imports(),
    *_rows_of_libraries(),
    *_rows_of_cells(),
    *_rows_of_switches(),
    *_rows_of_seeds(),
    *_rows_of_on_and_off(),
]
