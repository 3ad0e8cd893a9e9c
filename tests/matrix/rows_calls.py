"""Rows 1 to 3 and 6: plain calls, streams and the other kinds of call."""

# ruff: noqa: E501 - a line of a cell is not to be broken
from __future__ import annotations

from row import Row, row

_TOOLS = "[{'type': 'function', 'function': {'name': 'get_weather', 'parameters': {'type': 'object', 'properties': {'city': {'type': 'string'}}}}}]"
_SCHEMA = (
    "{'type': 'json_schema', 'json_schema': {'name': 'answer', 'schema': "
    "{'type': 'object', 'properties': {'city': {'type': 'string'}}, 'required': ['city']}}}"
)
_PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="
)
_USAGE = "stream_options={'include_usage': True}"


def _ask(call: str, text: str = "hello", **expected: object) -> str:
    options = "".join(f", {name}={value!r}" for name, value in expected.items())
    return f"with ask({text!r}{options}) as q:\n    q.got({call})"


def _in_span(code: str, kind: str = "with mlflow.start_span('own'):") -> str:
    return kind + "\n" + "\n".join(f"    {line}" for line in code.splitlines())


def _rows_of_completion() -> list[Row]:
    group = "1 completion"
    call = "litellm.completion(messages=q(){}, **kw)"
    return [
        row(group, "completion with parameters", _ask(call.format(", temperature=0.2, max_tokens=50, top_p=0.9, seed=7"))),
        row(group, "cached and reasoning tokens", _ask(call.format(""), "cached:3 reasoning:7 " + "word " * 10)),
        row(group, "inside a span", _in_span(_ask(call.format(""))) + "\nexpect_span('own')"),
        row(group, "with tools", _ask(call.format(f", tools={_TOOLS}, tool_choice='auto'"), "what is the weather in Oslo")),
        row(group, "with response_format", _ask(call.format(f", response_format={_SCHEMA}"), "a city in Norway")),
        row(group, "a prompt of 5 MB", _ask(call.format("").replace("q()", "q('word ' * 1_000_000)"))),
        row(
            group,
            "an image as data URI",
            "with ask('what is this') as q:\n"
            f"    content = [{{'type': 'text', 'text': q.text()}}, {{'type': 'image_url', 'image_url': {{'url': {_PIXEL!r}}}}}]\n"
            "    q.got(litellm.completion(messages=[{'role': 'user', 'content': content}], **kw))",
        ),
        row(group, "no usage sent", _ask(call.format(""), "no-usage hi", usage=False)),
    ]


def _rows_of_streams() -> list[Row]:
    group = "2 stream"
    stream = "litellm.completion(messages=q(), stream=True, **kw)"
    return [
        row(group, "consumed", _in_span(_ask(f"list({stream.replace('stream=True', f'stream=True, {_USAGE}')})"))),
        row(group, "consumed, no usage sent", _ask(f"list({stream})", usage=False)),
        row(
            group,
            "consumer breaks out",
            _in_span(f"with ask('length:400', until='cell') as q:\n    for chunk in {stream}:\n        break"),
        ),
        row(
            group,
            "broken out of, stream kept",
            f"with ask('length:400', until='cell') as q:\n    kept = {stream}\n    for chunk in kept:\n        break",
            clean="del kept",
        ),
        row(group, "object dropped unread", f"with ask('length:400', until='cell') as q:\n    {stream};"),
        row(
            group,
            "consumer raises",
            "with contextlib.suppress(ValueError), mlflow.start_span('own'):\n"
            "    with ask('length:400', until='cell', status='OK', says='') as q:\n"
            f"        for chunk in {stream}:\n            raise ValueError('mine')\nexpect_span('own', 'ERROR', 'ValueError')",
        ),
        row(
            group,
            "server dies in the middle",
            "with contextlib.suppress(Exception), mlflow.start_span('own'):\n"
            f"    with ask('length:400 die') as q:\n        for chunk in {stream}:\n            pass\n"
            "expect_span('own', 'ERROR')",
        ),
    ]


def _rows_of_async() -> list[Row]:
    group = "3 acompletion"
    call = "await litellm.acompletion(messages=q(), **kw)"
    stream = "await litellm.acompletion(messages=q(), stream=True, **kw)"
    counted = stream.replace("stream=True", f"stream=True, {_USAGE}")
    traced = "@mlflow.trace\nasync def own():\n{}\nawait own()\nexpect_span('own')"
    return [
        row(group, "top-level await", _ask(call)),
        row(group, "in an async trace", traced.format(_in_span(_ask(call) + "\nawait asyncio.sleep(0)", "").lstrip("\n"))),
        row(group, "last statement of a span", traced.format(_in_span(_ask(f"r := {call}"), "").lstrip("\n"))),
        row(group, "two cells", _ask(call), _ask(call)),
        row(group, "stream consumed", _ask(f"[chunk async for chunk in {counted}]")),
        row(
            group,
            "stream abandoned",
            _in_span(f"with ask('length:400', until='cell') as q:\n    async for chunk in {stream}:\n        break"),
        ),
        row(
            group,
            "stream closed by its reader",
            f"with ask('length:400') as q:\n    several = {stream}\n    async for chunk in several:\n        break\n"
            "    await several.aclose()",
        ),
        row(
            group,
            "server dies in the middle of a stream",
            "with contextlib.suppress(Exception), mlflow.start_span('own'):\n"
            f"    with ask('length:400 die') as q:\n        async for chunk in {stream}:\n            pass\n"
            "expect_span('own', 'ERROR')",
        ),
        row(
            group,
            "stream cancelled",
            "async def read():\n    with ask('length:400 stall:5') as q:\n"
            f"        async for chunk in {stream}:\n            reading.set()\n"
            "reading = asyncio.Event()\ntask = asyncio.create_task(read())\nawait reading.wait()\ntask.cancel()\n"
            "with contextlib.suppress(asyncio.CancelledError):\n    await task",
        ),
    ]


def _rows_of_other_calls() -> list[Row]:
    group = "6 other calls"
    embed = "litellm.{}(input=[q.text()], model='openai/text-embedding-3-small', **base)"
    responses = "litellm.{}(input=q.text(), **kw)"
    streamed = "litellm.{}(input=q.text(), stream=True, **kw)"
    claude = "litellm.anthropic.messages.acreate(model='anthropic/claude-haiku-4-5', messages=q(), max_tokens=20, api_key='demo', api_base=ROOT{})"
    missing = "with contextlib.suppress(Exception):\n    with ask(says='NotFoundError') as q:\n        {}"
    moderate = "litellm.{}(input=q.text(), model='openai/omni-moderation-latest', **base)"
    return [
        row(group, "embedding", _ask(embed.format("embedding"), type="EMBEDDING")),
        row(group, "aembedding", _ask("await " + embed.format("aembedding"), type="EMBEDDING")),
        row(
            group,
            "text_completion",
            _ask("litellm.text_completion(prompt=q.text(), model='openai/gpt-3.5-turbo-instruct', **base)"),
        ),
        row(
            group,
            "atext_completion",
            _ask("await litellm.atext_completion(prompt=q.text(), model='openai/gpt-3.5-turbo-instruct', **base)"),
        ),
        row(group, "responses", _ask(responses.format("responses"))),
        row(group, "aresponses", _ask("await " + responses.format("aresponses"))),
        row(group, "responses streamed", _in_span(_ask(f"list({streamed.format('responses')})"))),
        row(group, "aresponses streamed", _ask(f"[e async for e in await {streamed.format('aresponses')}]")),
        row(
            group,
            "image_generation",
            _ask("litellm.image_generation(prompt=q.text(), model='openai/dall-e-3', **base)"),
        ),
        row(group, "anthropic messages", _ask("await " + claude.format(""))),
        row(group, "anthropic messages streamed", _ask(f"[e async for e in await {claude.format(', stream=True')}]")),
        row(
            group,
            "anthropic messages stream abandoned",
            _in_span(
                "with ask('length:400', until='cell') as q:\n"
                f"    async for event in await {claude.format(', stream=True')}:\n        break"
            ),
        ),
        row(group, "moderation (that this server has not)", missing.format(moderate.format("moderation"))),
        row(group, "amoderation (that this server has not)", missing.format("await " + moderate.format("amoderation"))),
    ]


_HANDLER = """
def piece(text, last=False):
    return {"finish_reason": "stop" if last else "", "index": 0, "is_finished": last, "text": text, "tool_use": None, "usage": None}
class Handler(litellm.CustomLLM):
    def completion(self, *args, **kwargs):
        return litellm.completion(messages=kwargs['messages'], **kw)
    async def acompletion(self, *args, **kwargs):
        return await litellm.acompletion(messages=kwargs['messages'], **kw)
    def streaming(self, *args, **kwargs):
        for chunk in litellm.completion(messages=kwargs['messages'], stream=True, **kw):
            yield piece(words([chunk]))
        yield piece('', True)
    async def astreaming(self, *args, **kwargs):
        async for chunk in await litellm.acompletion(messages=kwargs['messages'], stream=True, **kw):
            yield piece(words([chunk]))
        yield piece('', True)
    def embedding(self, *args, **kwargs):
        return litellm.embedding(input=kwargs['input'], model='openai/text-embedding-3-small', **base)
class Alone(litellm.CustomLLM):
    def completion(self, *args, **kwargs):
        return litellm.ModelResponse(choices=[{'message': {'role': 'assistant', 'content': 'by hand'}}], model='own')
    def streaming(self, *args, **kwargs):
        yield from (piece('by '), piece('hand'), piece('', True))
    async def astreaming(self, *args, **kwargs):
        for each in (piece('by '), piece('hand'), piece('', True)):
            yield each
providers = litellm.custom_provider_map
litellm.custom_provider_map = [{'provider': 'handler', 'custom_handler': Handler()}, {'provider': 'alone', 'custom_handler': Alone()}]
"""


def _rows_of_handlers() -> list[Row]:
    group = "6 other calls"
    reading = "with ask('length:400', until='cell') as q:\n    {} chunk in {}:\n        break"
    calls = {
        "that calls LiteLLM": _ask("litellm.completion(model='handler/x', messages=q())"),
        "that calls LiteLLM, async": _ask("await litellm.acompletion(model='handler/x', messages=q())"),
        "that calls LiteLLM, streamed": _ask(
            "list(litellm.completion(model='handler/x', messages=q(), stream=True))", usage=False
        ),
        "that calls LiteLLM, streamed, async": _ask(
            "[c async for c in await litellm.acompletion(model='handler/x', messages=q(), stream=True)]", usage=False
        ),
        "that calls LiteLLM, stream abandoned": reading.format(
            "for", "litellm.completion(model='handler/x', messages=q(), stream=True)"
        ),
        "that calls LiteLLM, stream abandoned, async": reading.format(
            "async for", "await litellm.acompletion(model='handler/x', messages=q(), stream=True)"
        ),
        "that calls LiteLLM, embedding": _ask("litellm.embedding(model='handler/x', input=[q.text()])", type="EMBEDDING"),
        "that calls LiteLLM and fails": "with contextlib.suppress(Exception):\n    with ask('fail:401', says='AuthenticationError') as q:\n"
        "        litellm.completion(model='handler/x', messages=q())",
        "by itself": _ask("litellm.completion(model='alone/x', messages=q())", usage=False),
        "by itself, streamed": _ask("list(litellm.completion(model='alone/x', messages=q(), stream=True))", usage=False),
        "by itself, streamed, async": _ask(
            "[c async for c in await litellm.acompletion(model='alone/x', messages=q(), stream=True)]", usage=False
        ),
    }
    return [
        row(
            group,
            f"a handler of the user's {name}",
            _HANDLER + _in_span(code) + "\nexpect_span('own')",
            clean="litellm.custom_provider_map = providers",
        )
        for name, code in calls.items()
    ]


ROWS = [*_rows_of_completion(), *_rows_of_streams(), *_rows_of_async(), *_rows_of_other_calls(), *_rows_of_handlers()]
