"""Anthropic's event streams, which LiteLLM hands on as bytes: their text as it comes, the message they make, and their end."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from typing import Any

from .calls import Call
from .shared import Tracing
from .streams import Streams

_DELTAS = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}


class EventStreams:
    """Follows event streams of known calls.

    Parameters
    ----------
    streams
        Ends a call whose reader has left it.
    """

    def __init__(self, tracing: Tracing, streams: Streams) -> None:
        self._tracing = tracing
        self._guard = tracing.guard
        self._streams = streams

    async def follow(
        self, call: Call, pieces: AsyncGenerator[Any, None], price: Callable[[Any], Any]
    ) -> AsyncGenerator[Any, None]:
        """The same pieces; ``price`` says what a message cost, in US dollars."""
        read = Message()
        try:
            async for piece in pieces:
                self._guard(self._came)(call, read, piece)
                yield piece
        except GeneratorExit:
            self._guard(self._streams.abandon)(call)
            raise
        except BaseException as error:
            self._guard(call.fail)(error, self._tracing.why(error), read.content)
            raise
        finally:
            await pieces.aclose()
        self._guard(self._ended)(call, read, price)

    def _came(self, call: Call, read: Message, piece: Any) -> None:
        self._tracing.came(call, read.take(piece))

    def _ended(self, call: Call, read: Message, price: Callable[[Any], Any]) -> None:
        call.succeed(read.content, price(read.content))


class Message:
    """A message that grows. ``content`` has the form of a reply that was not streamed; ``None`` before its first event."""

    def __init__(self) -> None:
        self.content: dict[str, Any] | None = None
        self._rest = b""

    def take(self, piece: Any) -> str:
        """Take the next bytes in; the text that they bring."""
        if not isinstance(piece, bytes):
            return ""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        return "".join(self._event(json.loads(line[5:])) for line in lines if line.startswith(b"data:"))

    def _event(self, event: dict[str, Any]) -> str:
        kind = event.get("type")
        if kind == "message_start":
            self.content = {**event["message"], "content": []}
        if self.content is None:
            return ""
        blocks: list[dict[str, Any]] = self.content["content"]
        if kind == "content_block_start":
            blocks.append(dict(event["content_block"]))
        elif kind == "content_block_delta":
            return self._delta(blocks[event["index"]], event["delta"])
        elif kind == "content_block_stop" and (written := blocks[event["index"]].pop("partial_json", "")):
            blocks[event["index"]]["input"] = json.loads(written)
        elif kind == "message_delta":
            usage = {**(self.content.get("usage") or {}), **(event.get("usage") or {})}
            self.content = {**self.content, **event["delta"], "usage": usage}
        return ""

    def _delta(self, block: dict[str, Any], delta: dict[str, Any]) -> str:
        kind = delta.get("type")
        if kind == "input_json_delta":
            block["partial_json"] = block.get("partial_json", "") + delta["partial_json"]
        elif name := _DELTAS.get(str(kind)):
            block[name] = block.get(name, "") + delta[name]
        return delta["text"] if kind == "text_delta" else ""
