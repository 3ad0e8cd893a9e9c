"""Row 16: IPython in a terminal, whose event loop stands still between cells. A cell is one line."""

from __future__ import annotations

from row import Row, row


def _row(name: str, *cells: str) -> Row:
    return row("16 terminal", name, *cells, terminal=True)


_STREAM = "messages=q(), stream=True, stream_options={'include_usage': True}, **kw"

ROWS = [
    _row("completion", "with ask() as q: q.got(litellm.completion(messages=q(), **kw))"),
    _row("stream", f"with ask() as q: q.got(list(litellm.completion({_STREAM})))"),
    _row("top-level await", "with ask() as q: q.got(await litellm.acompletion(messages=q(), **kw))"),
    _row("stream, async", f"with ask() as q: q.got([c async for c in await litellm.acompletion({_STREAM})])"),
    _row(
        "gather of 3 in a span",
        "with mlflow.start_span('own'), ask(calls=3) as q: "
        "await asyncio.gather(*[litellm.acompletion(messages=q(), **kw) for _ in range(3)]); expect_span('own')",
    ),
    _row(
        "failure, async",
        "with contextlib.suppress(Exception), ask() as q: await litellm.acompletion('openai/fail:401', q(), **base)",
    ),
]
