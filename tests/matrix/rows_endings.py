"""Rows 7 to 10: failures, retries, interrupts and the cache."""

# ruff: noqa: E501 - a line of a cell is not to be broken
from __future__ import annotations

from row import Row, row

_CALL = "litellm.completion(messages=q(), {})"
_AWAIT = "await litellm.acompletion(messages=q(), {})"
_DEAD = "http://127.0.0.1:9/v1"
_FAILURES = {
    "400": ("BadRequestError", "model='openai/fail:400', **base"),
    "401": ("AuthenticationError", "model='openai/fail:401', **base"),
    "404": ("NotFoundError", "model='openai/does-not-exist', **base"),
    "429": ("RateLimitError", "model='openai/fail:429', max_retries=0, **base"),
    "500": ("InternalServerError", "model='openai/fail:500', max_retries=0, **base"),
    "timeout": ("Timeout", "model='openai/gpt-4o-mini+hang:3', timeout=0.3, max_retries=0, **base"),
    "connection refused": (
        "InternalServerError|APIConnectionError",
        f"model=M, api_base={_DEAD!r}, api_key='demo', max_retries=0",
    ),
    "unknown provider": ("BadRequestError", "model='no-such-provider/x', **base"),
}


def _rows_of_failures() -> list[Row]:
    group = "7 failures"
    code = "with contextlib.suppress(Exception), mlflow.start_span('own'):\n    with ask(says={!r}) as q:\n        {}\n{}"
    own = "expect_span('own', 'ERROR')"
    rows = [
        row(group, f"{name}, {kind}", code.format(f"^({says})", call.format(arguments), own))
        for name, (says, arguments) in _FAILURES.items()
        for kind, call in (("sync", _CALL), ("async", _AWAIT))
    ]
    clean = "litellm.success_callback.remove(broken); litellm._async_success_callback[:] = [c for c in litellm._async_success_callback if c is not broken]"
    broken = "def broken(kwargs, completion_response, start_time, end_time):\n    raise ValueError('mine')\nlitellm.success_callback.append(broken)\n"
    return [
        *rows,
        row(
            group,
            "the user's callback raises, sync",
            f"{broken}with ask() as q:\n    q.got({_CALL.format('**kw')})",
            clean=clean,
        ),
        row(
            group,
            "the user's callback raises, async",
            f"{broken}with ask() as q:\n    q.got({_AWAIT.format('**kw')})",
            clean=clean,
        ),
    ]


def _rows_of_retries() -> list[Row]:
    group = "8 attempts"
    ask = "with ask({!r}{}) as q:\n    {}"
    failing = "with contextlib.suppress(Exception):\n    with ask('fail:500'{}) as q:\n        {}"
    models = (
        "[{'model_name': 'a', 'litellm_params': {'model': 'openai/fail:500', 'max_retries': 0, **base}}, "
        "{'model_name': 'b', 'litellm_params': {'model': M, **base}}]"
    )
    router = f"router = litellm.Router(model_list={models}, fallbacks=[{{'a': ['b']}}], num_retries=RETRIES, retry_after=0)\n"
    lists = "model='openai/fail:500', fallbacks=['openai/gpt-4o-mini'], max_retries=0, **base"
    rows: list[Row] = []
    for kind, call in (("sync", _CALL), ("async", _AWAIT)):
        key = f"key-{kind}"
        result = f"q.got({call})"
        asked = call.replace("litellm.", "router.").format("model='a'")
        rows += [
            row(
                group,
                f"max_retries, the second succeeds, {kind}",
                ask.format(f"fail-times:1:500 1{key}", ", attempts=2", result.format("max_retries=2, **kw")),
            ),
            row(
                group,
                f"num_retries, the third succeeds, {kind}",
                ask.format(f"fail-times:2:500 2{key}", ", attempts=3", result.format("num_retries=3, max_retries=0, **kw")),
            ),
            row(
                group,
                f"num_retries exhausted, {kind}",
                failing.format(", attempts=3, says='InternalServerError'", call.format("num_retries=2, max_retries=0, **kw")),
            ),
            row(
                group,
                f"Router with fallbacks, {kind}",
                router.replace("RETRIES", "0") + ask.format("hello", ", attempts=2", f"q.got({asked})"),
            ),
            row(
                group,
                f"Router with retries and fallbacks, {kind}",
                router.replace("RETRIES", "1") + ask.format("hello", ", attempts=3", f"q.got({asked})"),
            ),
            row(group, f"completion(fallbacks=[...]), {kind}", ask.format("hello", ", attempts=2", result.format(lists))),
        ]
    streamed = "await router.acompletion('b', q(), stream=True, stream_options={'include_usage': True})"
    reading = ask.format("hello", "", f"q.got([chunk async for chunk in {streamed}])")
    return [*rows, row(group, "Router, streamed, async", router.replace("RETRIES", "0") + reading)]


def _rows_of_interrupts() -> list[Row]:
    group = "9 interrupts"
    traced = "@mlflow.trace\n{}def own():\n    with ask({!r}{}) as q:\n        {}\nexpect_span('own', 'ERROR', '^interrupted')\n{}own()"
    reading = "for chunk in {}:\n            print('reading', flush=True)"
    stream = "litellm.completion(messages=q(), stream=True, **kw)"
    stalled, said = "length:40 stall:5", ", says='^interrupted'"
    closed = "@mlflow.trace\n{0}def numbers():\n    for i in range(5):\n        yield i\nwith mlflow.start_span('own'):\n    with ask() as q:\n        {1}\n    {0}for i in numbers():\n        break\n    {2}\nexpect_span('own')\nexpect_span('numbers')"
    raising = (
        "@mlflow.trace\n{0}def own():\n    yield 1\n    with ask() as q:\n        q.got({1})\n    raise ValueError('mine')\n"
        "with contextlib.suppress(ValueError):\n    {0}for i in own():\n        pass\nexpect_span('own', 'ERROR', 'ValueError')"
    )
    return [
        row(group, "in a call", traced.format("", "hang:5", "", _CALL.format("**kw"), ""), interrupt="request"),
        row(group, "in a stream", traced.format("", stalled, "", reading.format(stream), ""), interrupt="printed"),
        row(
            group,
            "between two pieces of a stream",
            traced.format(
                "", "length:40", ", until='cell', says='^interrupted'", reading.format(stream) + "; time.sleep(5)", ""
            ),
            interrupt="printed",
        ),
        row(
            group,
            "in an async call",
            traced.format("async ", "hang:5", said, _AWAIT.format("**kw"), "await "),
            interrupt="request",
        ),
        row(
            group,
            "in an async stream",
            traced.format(
                "async ", stalled, said, "async " + reading.format("await " + stream.replace("comp", "acomp")), "await "
            ),
            interrupt="printed",
        ),
        row(
            group,
            "in a gather",
            traced.format(
                "async ",
                "hang:5",
                ", calls=3, says='^interrupted'",
                "await asyncio.gather(*[litellm.acompletion(messages=q(), **kw) for _ in range(3)])",
                "await ",
            ),
            interrupt="request",
            requests=3,
        ),
        row(group, "a traced generator that calls and raises", raising.format("", _CALL.format("**kw"))),
        row(group, "a traced async generator that calls and raises", raising.format("async ", _AWAIT.format("**kw"))),
        row(group, "a traced generator closed early", closed.format("", _CALL.format("**kw"), "")),
        row(
            group,
            "a traced async generator closed early",
            closed.format("async ", _AWAIT.format("**kw"), "await asyncio.sleep(0)").replace(
                "async for i in numbers():\n        break",
                "several = numbers()\n    await anext(several)\n    await several.aclose()",
            ),
        ),
    ]


def _rows_of_cache() -> list[Row]:
    group = "10 cache"
    memory = "litellm.cache = litellm.Cache(type='local')\n"
    disk = "litellm.cache = litellm.Cache(type='disk', disk_cache_dir=named('cache'))\n"
    # LiteLLM fills its cache in a task.
    twice = "with mlflow.start_span('own'):\n    with ask(calls=2, cache_hit=True) as q:\n        {0}\n        await asyncio.sleep(0.1)\n        q.got({0})"
    call, acall = _CALL.format("caching=True, **kw"), _AWAIT.format("caching=True, **kw")
    stream = "list(" + _CALL.format("caching=True, stream=True, stream_options={'include_usage': True}, **kw") + ")"
    astream = "[c async for c in " + _AWAIT.format("caching=True, stream=True, **kw") + "]"
    embedded = "litellm.embedding(input=[q.text()], model='openai/text-embedding-3-small', caching=True, **base)"
    clean = "litellm.cache = None"
    return [
        row(group, "memory: miss and hit", memory + twice.format(call), clean=clean),
        row(group, "memory: miss and hit, async", memory + twice.format(acall), clean=clean),
        row(group, "memory: streamed hit", memory + twice.format(stream), clean=clean),
        row(group, "memory: streamed hit, async", memory + twice.format(astream), clean=clean),
        row(
            group,
            "memory: embedding",
            memory + twice.format(embedded).replace("calls=2", "calls=2, type='EMBEDDING'"),
            clean=clean,
        ),
        row(group, "disk: miss and hit", disk + twice.format(call), clean=clean, extra="litellm.caching.disk_cache"),
    ]


ROWS = [*_rows_of_failures(), *_rows_of_retries(), *_rows_of_interrupts(), *_rows_of_cache()]
