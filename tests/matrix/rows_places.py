"""Rows 4 and 5: calls in tasks and threads."""

# ruff: noqa: E501 - a line of a cell is not to be broken
from __future__ import annotations

from row import Row, row

_CALL = "q.got(litellm.completion(messages=q(), **kw))"
_AWAIT = "q.got(await litellm.acompletion(messages=q(), **kw))"
_DEFINE = f"async def one(*args, **expected):\n    with ask(*args, **expected) as q:\n        {_AWAIT}\n"
_DEFINE_SYNC = f"def one(*args, **expected):\n    with ask(*args, **expected) as q:\n        {_CALL}\n"


def _rows_of_tasks() -> list[Row]:
    group = "4 tasks"
    return [
        row(
            group,
            "gather of 20 in a span",
            f"{_DEFINE}with mlflow.start_span('own'):\n    await asyncio.gather(*[one() for _ in range(20)])\nexpect_span('own')",
        ),
        row(
            group,
            "a task that ends in a later cell",
            f"{_DEFINE}task = asyncio.create_task(one('slow:0.5 hi', cell=0))\nawait asyncio.sleep(0.2)",
            "await task\nawait one('second')",
        ),
        row(
            group,
            "a task that calls in a later cell",
            f"{_DEFINE}go = asyncio.Event()\nasync def later():\n    await go.wait()\n    await one(cell=0)\n"
            "task = asyncio.create_task(later())",
            "go.set()\nawait one('second')\nawait task",
        ),
        row(
            group,
            "a task that ends when no cell runs",
            f"{_DEFINE}task = asyncio.create_task(one('slow:0.5 hi', cell=0))\nawait asyncio.sleep(0.2)",
        ),
        row(
            group,
            "a task that calls when no cell runs",
            f"{_DEFINE}async def later():\n    await asyncio.sleep(0.3)\n    await one(cell=0)\ntask = asyncio.create_task(later())",
            asks=1,
        ),
        row(
            group,
            "asyncio.run in a thread",
            f"{_DEFINE}with mlflow.start_span('own'):\n    parent = here()\n"
            "    t = threading.Thread(target=lambda: asyncio.run(one(parent=parent)))\n    t.start(); t.join()",
        ),
        row(
            group,
            "run_coroutine_threadsafe on another loop",
            f"{_DEFINE}loop = asyncio.new_event_loop()\nt = threading.Thread(target=loop.run_forever)\nt.start()\n"
            "with mlflow.start_span('own'):\n    parent = here()\n"
            "    asyncio.run_coroutine_threadsafe(one(parent=parent), loop).result()\n"
            "loop.call_soon_threadsafe(loop.stop); t.join(); loop.close()",
        ),
        row(
            group,
            "wait_for that times out",
            "with mlflow.start_span('own'):\n    with contextlib.suppress(asyncio.TimeoutError):\n"
            "        with ask('hang:6', status='ERROR', says='^cancelled') as q:\n"
            "            await asyncio.wait_for(litellm.acompletion(messages=q(), **kw), 2)",
        ),
        row(
            group,
            "task.cancel()",
            f"{_DEFINE}@mlflow.trace\nasync def own():\n    await one('hang:6')\ntask = asyncio.create_task(own())\n"
            "await asyncio.sleep(2)\ntask.cancel()\nwith contextlib.suppress(asyncio.CancelledError):\n    await task\n"
            "expect_span('own', 'ERROR', '^cancelled')",
        ),
    ]


def _rows_of_threads() -> list[Row]:
    group = "5 threads"
    return [
        row(
            group,
            "pool of 8 in a span",
            f"{_DEFINE_SYNC}with mlflow.start_span('own'):\n    parent = here()\n    with ThreadPoolExecutor(8) as pool:\n"
            "        list(pool.map(lambda i: one(parent=parent), range(8)))\nexpect_span('own')",
        ),
        row(
            group,
            "a thread of one cell that calls during another",
            f"{_DEFINE_SYNC}go, done = threading.Event(), threading.Event()\ndef later():\n"
            "    go.wait(); one(cell=0, parent=None); done.set()\nthreading.Thread(target=later).start()",
            "with mlflow.start_span('other'):\n    one('second')\n    go.set(); done.wait()",
        ),
        row(
            group,
            "a Thread that computes its run",
            f"{_DEFINE_SYNC}class Mine(threading.Thread):\n    run = property(lambda self: lambda: one(parent=parent))\n"
            "with mlflow.start_span('own'):\n    parent = here()\n    t = Mine()\n    t.start(); t.join()",
        ),
        row(
            group,
            "a Thread that takes no attributes",
            f"{_DEFINE_SYNC}class Mine(threading.Thread):\n    def __setattr__(self, name, value):\n"
            "        assert name.startswith('_')\n        super().__setattr__(name, value)\n"
            "    def run(self):\n        one(parent=parent)\n"
            "with mlflow.start_span('own'):\n    parent = here()\n    t = Mine()\n    t.start(); t.join()",
        ),
        row(
            group,
            "batch_completion of 4 in a span",
            "with mlflow.start_span('own'):\n    with ask(calls=4) as q:\n        litellm.batch_completion(messages=[q()] * 4, **kw)",
        ),
        row(
            group,
            "run_in_executor",
            f"{_DEFINE_SYNC}with mlflow.start_span('own'):\n    parent = here()\n"
            "    await asyncio.get_running_loop().run_in_executor(None, lambda: one(parent=parent))",
        ),
        row(
            group,
            "asyncio.to_thread",
            f"{_DEFINE_SYNC}with mlflow.start_span('own'):\n    await asyncio.to_thread(one)",
        ),
        row(
            group,
            "a stream made here, read in a thread",
            "with mlflow.start_span('own'):\n    with ask() as q:\n"
            "        stream = litellm.completion(messages=q(), stream=True, stream_options={'include_usage': True}, **kw)\n"
            "        t = threading.Thread(target=lambda: q.got(list(stream)))\n        t.start(); t.join()",
        ),
    ]


ROWS = [*_rows_of_tasks(), *_rows_of_threads()]
