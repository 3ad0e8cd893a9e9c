/**
 * The critical path: what the end of a trace waited for. From the end backwards it goes through the child that ended last,
 * then through the one that ended last before that one began, and so on; the rest of the time is the parent's own.
 */

import type { SpanNode } from "./tree";

/** How long each span on the path is on it by itself, without its children; `now_ns` ends what still runs. */
export function criticalPath(roots: readonly SpanNode[], now_ns: number): Map<SpanNode, number> {
  const path = new Map<SpanNode, number>();
  const endOf = (node: SpanNode): number => node.row.end_ns ?? now_ns;
  const stack: { node: SpanNode; until_ns: number }[] = [];
  /** Lays a path through `nodes` that ends at `until_ns`; returns the time that none of them fills, after `from_ns`. */
  const through = (nodes: readonly SpanNode[], from_ns: number, until_ns: number): number => {
    let at_ns = until_ns;
    let idle_ns = 0;
    for (const node of nodes.toSorted((a, b) => endOf(b) - endOf(a))) {
      const start_ns = Math.max(from_ns, node.row.start_ns);
      // What outlives its parent counts up to the parent's end.
      const end_ns = at_ns === until_ns ? Math.min(endOf(node), until_ns) : endOf(node);
      if (end_ns > at_ns || end_ns <= start_ns) continue;
      idle_ns += at_ns - end_ns;
      stack.push({ node, until_ns: end_ns });
      at_ns = start_ns;
    }
    return idle_ns + Math.max(0, at_ns - from_ns);
  };
  const start_ns = roots.reduce((least, node) => Math.min(least, node.row.start_ns), Number.MAX_VALUE);
  through(
    roots,
    start_ns,
    roots.reduce((most, node) => Math.max(most, endOf(node)), 0),
  );
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    path.set(top.node, through(top.node.children, top.node.row.start_ns, top.until_ns));
  }
  return path;
}
