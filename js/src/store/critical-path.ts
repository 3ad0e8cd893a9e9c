/**
 * The critical path: what the end of a trace waited for. From the end backwards it goes through the child that ended last,
 * then through the one that ended last before that one began, and so on; the rest of the time is the parent's own.
 */

import { ROOT, type Tree } from "./tree";

/**
 * How long each span on the path is on it by itself, without its children: of all, or of `top` and what is below it.
 * `now_ns` ends what still runs.
 */
export function criticalPath(tree: Tree, now_ns: number, top?: number): Map<number, number> {
  const path = new Map<number, number>();
  const stack: { span: number; until_ns: number }[] = [];
  const startOf = (span: number): number => tree.spans.start_ns.get(span);
  const endOf = (span: number): number => tree.spans.end(span, now_ns);
  /** Lays a path through `spans` that ends at `until_ns`; returns the time that none of them fills, after `from_ns`. */
  const through = (spans: number[], from_ns: number, until_ns: number): number => {
    let at_ns = until_ns;
    let idle_ns = 0;
    for (const span of spans.sort((a, b) => endOf(b) - endOf(a))) {
      const start_ns = Math.max(from_ns, startOf(span));
      // What outlives its parent counts up to the parent's end.
      const end_ns = at_ns === until_ns ? Math.min(endOf(span), until_ns) : endOf(span);
      if (end_ns > at_ns || end_ns <= start_ns) continue;
      idle_ns += at_ns - end_ns;
      stack.push({ span, until_ns: end_ns });
      at_ns = start_ns;
    }
    return idle_ns + Math.max(0, at_ns - from_ns);
  };
  const roots = top === undefined ? [...tree.childrenOf(ROOT)] : [top];
  const start_ns = roots.reduce((least, span) => Math.min(least, startOf(span)), Number.MAX_VALUE);
  const end_ns = roots.reduce((most, span) => Math.max(most, endOf(span)), 0);
  through(roots, start_ns, end_ns);
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    path.set(top.span, through([...tree.childrenOf(top.span)], startOf(top.span), top.until_ns));
  }
  return path;
}
