"""A small OpenAI-compatible server with scripted replies, on 127.0.0.1, in a daemon thread of this process.

The notebooks run on it when no model is configured, and the tests talk to it over real HTTP. It is a test double that
you may use too: the same request gets the same reply, tokens are counted as four characters each, nothing leaves the
machine.

    with ipy_llmtrace.demo.start(pace=0) as server:
        litellm.completion(model=server.model, api_base=server.url, api_key="demo", messages=[...])

Routes: ``POST /v1/chat/completions``, ``/v1/completions``, ``/v1/responses``, ``/v1/messages`` (Anthropic's) and
``/v1beta/models/MODEL:generateContent`` (Gemini's), plain and streamed; ``/v1/embeddings``,
``/v1/images/generations``; ``GET /v1/models``.

A request steers its reply by words in its last user message (or its input, or prompt), or behind a ``+`` in its
model's name (``gpt-4o-mini+fail:429+slow:2``), or by being its model's whole name (``fail:401``):

``fail:STATUS``
    An error, such as ``fail:401``; 408, 409, 429 and 5xx carry ``retry-after``. ``fail:disconnect`` closes the
    connection.
``fail-times:N:STATUS KEY``
    The first N requests with this KEY fail, later ones succeed (in a model's name ``fail-times:N:STATUS:KEY``).
``slow:SECONDS``, ``hang:SECONDS``, ``stall:SECONDS``
    The first byte comes this much later; no reply at all, and the connection closes after this time; a stream pauses
    this long after half of its tokens. These seconds are not scaled by ``pace``.
``die``, ``die:TOKENS``
    The connection breaks in the middle of the reply, or after so many tokens of a stream. ``die`` alone counts only
    as the first or last word, since it is a word.
``no-usage``, ``cached:TOKENS``, ``reasoning:TOKENS``
    The reply does not say how many tokens it took; says that so much of the prompt came from the cache; begins with
    so much ``reasoning_content``.
``error-after:TOKENS``
    A stream says after so many tokens that it failed, as its API says it; a response of the Responses API has the status
    ``failed``.
``length:CHARACTERS``, ``echo:TEXT``, ``no-words``, ``cite:SOURCES``
    A reply of this length; TEXT, up to the end of the message; nothing (of a stream, only its end); with citations.
``usage:KIND``, ``nested:DEPTH``, ``mutate:NUMBER``
    All token counts are of a KIND that no count is (`odd_values.ODD_COUNTS`); the reply has a further field that is
    nested so deep; the reply is damaged in one to three places, the same ones for the same NUMBER.
``parallel-tools``
    All tool calls of the script at once instead of one after the other.

A model whose name ends in ``does-not-exist`` gets a 404. Given tools, the model calls those that the question is
about (a word of the tool's name is in it; a "trip" needs ``search_flights``, then ``search_hotels``), once each,
again if the result begins with "error", three times at most, and then sums the results up. Given a JSON schema for
its reply, it fills that in. Asked for ``modalities=["text", "audio"]``, it hums.
"""

from .connect import setup
from .server import DemoServer, start
from .state import Received

__all__ = ["DemoServer", "Received", "setup", "start"]
