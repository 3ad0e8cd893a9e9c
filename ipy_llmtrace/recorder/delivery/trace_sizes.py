"""How large a trace is, as MLflow notes it in the trace's metadata, without writing every span once more.

As ``mlflow.tracing.utils.add_size_stats_to_trace_metadata``, which takes longer than all else of a trace's record.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from mlflow.tracing.constant import TraceMetadataKey, TraceSizeStatsKey


def metadata(info_bytes: int, spans_bytes: Sequence[int]) -> dict[str, str]:
    """The metadata about the size of a trace.

    Parameters
    ----------
    info_bytes, spans_bytes
        The sizes of the trace's own record and of each span in JSON.
    """
    if not spans_bytes:
        return {}
    ordered = sorted(spans_bytes)
    # Between the spans is ", ".
    total = info_bytes + sum(ordered) + 2 * (len(ordered) - 1)
    stats = {
        TraceSizeStatsKey.TOTAL_SIZE_BYTES: total,
        TraceSizeStatsKey.NUM_SPANS: len(ordered),
        TraceSizeStatsKey.MAX_SPAN_SIZE_BYTES: ordered[-1],
        TraceSizeStatsKey.P25_SPAN_SIZE_BYTES: _percentile(ordered, 0.25),
        TraceSizeStatsKey.P50_SPAN_SIZE_BYTES: _percentile(ordered, 0.5),
        TraceSizeStatsKey.P75_SPAN_SIZE_BYTES: _percentile(ordered, 0.75),
    }
    return {TraceMetadataKey.SIZE_STATS: json.dumps(stats), TraceMetadataKey.SIZE_BYTES: str(total)}


def _percentile(ordered: Sequence[int], share: float) -> int:
    at = share * (len(ordered) - 1)
    low, high = ordered[math.floor(at)], ordered[math.ceil(at)]
    return int(low + (high - low) * (at - math.floor(at)))
