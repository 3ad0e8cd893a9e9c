/** What is wrong with a span's times or its place, in a few words for its row. */

import type { SpanNode } from "./span-node";

/** Clocks of two machines, or of two threads, may differ by so much without a word. */
const TOLERATED_NS = 1e6;

/** Undefined for a span as it should be. While the trace is `running`, a missing parent may still come. */
export function oddityOf({ row, parent }: SpanNode, running: boolean): string | undefined {
  const { start_ns, end_ns } = row;
  if (end_ns !== undefined && end_ns < start_ns) return "ends before it begins";
  if (parent !== undefined && parent.row.start_ns - start_ns > TOLERATED_NS) return "begins before its parent";
  if (row.parent !== undefined && parent === undefined && !running) return "its parent is missing";
  return undefined;
}
