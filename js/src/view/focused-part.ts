/** The part of the trace that the reader has gone into. */

import { SpanNode } from "../store/span-node";
import { type Axis, runningEnd_ns } from "../store/time-axis";
import type { View } from "./view";

/** The spans that the reader has gone into and that still exist, outermost first. */
export function focusPath({ store, reading }: View): SpanNode[] {
  return reading.focus.map((id) => SpanNode.find(store.tree, id)).filter((node) => node !== undefined);
}

/** The span at the top of the tree; undefined while the whole trace is shown. */
export const focusedSpan = (view: View): SpanNode | undefined => focusPath(view).at(-1);

/** The time of the focused part, to `now_ns` or somewhat later while it runs. */
export function wholeTime(view: View, now_ns: number): Axis {
  const row = focusedSpan(view)?.row;
  const end_ns = view.store.isRunning && row?.end_ns === undefined ? runningEnd_ns(now_ns) : (row?.end_ns ?? now_ns);
  const from_ns = row?.start_ns ?? 0;
  return { from_ns, to_ns: Math.max(from_ns + 1, end_ns) };
}
