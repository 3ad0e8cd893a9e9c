/** Which spans the search has found, and how to come to one. */

import type { Query } from "./query";
import { gridRows, type Opened } from "./rows";
import { type Arrangement, arranged, isRun } from "./runs";
import { preorder, type SpanNode } from "./tree";

export interface Found {
  /** From top to bottom, as they stand by their start. */
  readonly hits: ReadonlySet<SpanNode>;
  /** The hits and all spans above them. */
  readonly keep: ReadonlySet<SpanNode>;
  /** How many hits are below a span. */
  readonly below: ReadonlyMap<SpanNode, number>;
}

/** Looks at all spans; `bodies` are the ids of those whose texts are known to hold the query's words. */
export function find(roots: readonly SpanNode[], query: Query, bodies: ReadonlySet<string>): Found {
  const hits = new Set<SpanNode>();
  const keep = new Set<SpanNode>();
  const below = new Map<SpanNode, number>();
  for (const node of preorder(roots)) {
    if (!query.fits(node, bodies.has(node.id))) continue;
    hits.add(node);
    keep.add(node);
    for (let above = node.parent; above !== undefined; above = above.parent) {
      keep.add(above);
      below.set(above, (below.get(above) ?? 0) + 1);
    }
  }
  return { hits, keep, below };
}

/** The next span after `from` (before it, when `step` is -1) that passes, in the order of the rows, around the end. */
export function following(
  roots: readonly SpanNode[],
  arrangement: Arrangement,
  from: string | undefined,
  step: 1 | -1,
  passes: (node: SpanNode) => boolean,
): SpanNode | undefined {
  const all = gridRows(roots, () => true, { ...arrangement, folds: false });
  const at = all.findIndex((row) => row.id === from || `${row.id}…` === from);
  for (let count = 1; count <= all.length; count++) {
    const index = at < 0 && step < 0 ? all.length - count : at + step * count;
    const node = all[((index % all.length) + all.length) % all.length]?.node;
    if (node !== undefined && passes(node)) return node;
  }
  return undefined;
}

/** Opens what a span stands in. */
export function reveal(roots: readonly SpanNode[], opened: Opened, node: SpanNode, arrangement: Arrangement): void {
  for (let at: SpanNode | undefined = node; at !== undefined; at = at.parent) {
    if (at !== node) opened.set(at.id, true);
    if (!arrangement.folds) continue;
    const list = arranged(at.parent?.children ?? roots, arrangement);
    const run = list.find((item) => isRun(item) && item.nodes.includes(at as SpanNode));
    if (run !== undefined) opened.set(run.id, true);
  }
}
