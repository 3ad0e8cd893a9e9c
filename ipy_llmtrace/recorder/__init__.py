"""All that touches mlflow or litellm. It turns their spans into `Change`s and knows nothing of cells or widgets."""

from __future__ import annotations

from .changes import Began, Change, Ended, Streamed
from .delivery.otlp_endpoint import Otlp
from .delivery.otlp_endpoint import wanted as wanted_otlp
from .delivery.status import Standing
from .delivery.trace_locations import Places
from .delivery.trace_locations import url as trace_url
from .recorder import Recorder

__all__ = ["Began", "Change", "Ended", "Otlp", "Places", "Recorder", "Standing", "Streamed", "trace_url", "wanted_otlp"]
