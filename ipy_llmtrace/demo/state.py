"""What a demo server knows of the requests that it has had."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from dataclasses import dataclass

from .prompt import Body, Stamp

_SECRET_HEADERS = {"authorization", "x-api-key", "api-key", "x-goog-api-key"}


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came, keys masked. ``headers`` have lower-case names; ``body`` is the parsed JSON."""

    path: str
    headers: dict[str, str]
    body: Body


class State:
    """The requests of one server, shared by its connections.

    Attributes
    ----------
    requests
        What was received, oldest first.
    pace
        1 is the pace of a small hosted model: 0.3 s to the first token, then 50 tokens/s; 0 waits for nothing.
    stopping
        Set when the server is asked to stop.
    """

    def __init__(self, pace: float = 1.0) -> None:
        self.pace = pace
        self.requests: list[Received] = []
        self.stopping = threading.Event()
        self._failed: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)

    def record(self, path: str, headers: dict[str, str], body: Body) -> None:
        """Adds to `requests`."""
        lower = {name.lower(): value for name, value in headers.items()}
        masked = {name: "***" if name in _SECRET_HEADERS else value for name, value in lower.items()}
        self.requests.append(Received(path, masked, body))

    def stamp(self) -> Stamp:
        """The next reply's number and time."""
        return Stamp(next(self._numbers), int(time.time()))

    def fails_again(self, key: str, times: int) -> bool:
        """Whether fewer than ``times`` requests with this key have failed; if so, this one counts."""
        with self._lock:
            again = self._failed[key] < times
            self._failed[key] += again
            return again
