/** The times in which a trace only waits: some parent runs, and nothing in it. */

import type { Axis } from "./time-axis";
import type { Tree } from "./tree";

/** The least part of the range that is worth squeezing. */
const LEAST_PART = 0.2;

/** The long gaps of a range between the spans without children; `now_ns` ends what still runs. */
export function idleGaps(tree: Tree, { from_ns, to_ns }: Axis, now_ns: number): Axis[] {
  const leaves: Axis[] = [];
  for (let span = 0; span < tree.size; span++) {
    if (tree.firstOf(span) !== -1) continue;
    leaves.push({ from_ns: tree.spans.start_ns.get(span), to_ns: tree.spans.end(span, now_ns) });
  }
  leaves.sort((a, b) => a.from_ns - b.from_ns);
  const gaps: Axis[] = [];
  const least_ns = (to_ns - from_ns) * LEAST_PART;
  let busy_ns = from_ns;
  for (const leaf of [...leaves, { from_ns: to_ns, to_ns }]) {
    const until_ns = Math.min(leaf.from_ns, to_ns);
    if (until_ns - busy_ns > least_ns) gaps.push({ from_ns: busy_ns, to_ns: until_ns });
    busy_ns = Math.max(busy_ns, leaf.to_ns);
  }
  return gaps;
}

/** Tells the times in which a span runs and none of its children does, in order. */
export function ownTimes(
  tree: Tree,
  span: number,
  now_ns: number,
  tell: (start_ns: number, end_ns: number) => void,
): void {
  const end_ns = tree.spans.end(span, now_ns);
  let busy_ns = tree.spans.start_ns.get(span);
  // Children stand by their start.
  for (let child = tree.firstOf(span); child !== -1; child = tree.nextOf(child)) {
    const start_ns = Math.min(end_ns, tree.spans.start_ns.get(child));
    if (start_ns > busy_ns) tell(busy_ns, start_ns);
    busy_ns = Math.max(busy_ns, Math.min(end_ns, tree.spans.end(child, now_ns)));
  }
  if (end_ns > busy_ns) tell(busy_ns, end_ns);
}

/** How long a span ran without any of its children, in nanoseconds. */
export function selfTime_ns(tree: Tree, span: number, now_ns: number): number {
  let self_ns = 0;
  ownTimes(tree, span, now_ns, (start_ns, end_ns) => {
    self_ns += end_ns - start_ns;
  });
  return self_ns;
}
