"""The monotonic clock that waits and deadlines go by.

Code under test replaces clocks, in ``time`` and, as freezegun does, under whatever name a module has bound them. A deadline
set by such a clock may never come. Spans go by ``time.time_ns``, as OpenTelemetry has bound it: their times agree.
"""

from __future__ import annotations

import time
from functools import partial

monotonic = partial(time.monotonic)
"""Seconds, as ``time.monotonic``; an object of its own, which is not found by comparing it with the function."""
