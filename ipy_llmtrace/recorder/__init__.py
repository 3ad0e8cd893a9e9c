"""All that touches mlflow or litellm. It turns their spans into `Change`s and knows nothing of cells or widgets."""

from __future__ import annotations

from .changes import Began, Change, Ended, Streamed
from .delivery.otlp_endpoint import Otlp
from .delivery.otlp_endpoint import wanted as wanted_otlp
from .delivery.status import DeliveryStatus
from .delivery.trace_locations import TraceLocations
from .delivery.trace_locations import url as trace_url
from .listener import Listener
from .recorder import Recorder

__all__ = [
    "Began",
    "Change",
    "DeliveryStatus",
    "Ended",
    "Listener",
    "Otlp",
    "Recorder",
    "Streamed",
    "TraceLocations",
    "trace_url",
    "wanted_otlp",
]
