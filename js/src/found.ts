/** Which spans the search has found, and how to come to one. */

import { Numbers } from "./numbers";
import type { Opened } from "./opened";
import type { Query } from "./query";
import { Rows } from "./rows";
import { type Arrangement, arranged, Run } from "./runs";
import type { Tree } from "./tree";

export class Found {
  /** How many spans there are. */
  readonly count: number;
  /** Not 0 for the hits and all spans above them. */
  readonly keep: Uint8Array;
  readonly #isHit: Uint8Array;
  /** How many hits are below a span. */
  readonly #below = new Numbers(Int32Array, 0);

  /** Looks at all spans, or at those from `top` down; `bodies` are the ids of those whose texts are known to hold the query's words. */
  constructor(
    readonly tree: Tree,
    query: Query,
    bodies: ReadonlySet<string>,
    top?: number,
  ) {
    const inBody = new Set([...bodies].map((id) => tree.spans.ids.find(id)));
    this.#isHit = new Uint8Array(tree.size);
    this.keep = new Uint8Array(tree.size);
    const order = tree.order();
    const fits = query.on(tree);
    const inside = top === undefined ? undefined : within(tree, order, top);
    let count = 0;
    // From below upwards: what is below a span is counted before the span.
    for (let at = order.length - 1; at >= 0; at--) {
      const span = order[at] as number;
      const below = this.#below.get(span);
      const hit = inside?.[span] !== 0 && fits(span, inBody.has(span)) ? 1 : 0;
      count += hit;
      this.#isHit[span] = hit;
      if (hit + below === 0) continue;
      this.keep[span] = 1;
      const parent = tree.parent(span);
      if (parent !== -1) this.#below.add(parent, hit + below);
    }
    this.count = count;
  }

  has(span: number): boolean {
    return this.#isHit[span] === 1;
  }

  below(span: number): number {
    return this.#below.get(span);
  }

  /** How many hits are among the spans of a run. */
  within(run: Run): number {
    let count = 0;
    for (const span of run.spans()) if (this.has(span)) count++;
    return count;
  }

  /** Which of the hits a span is, from top to bottom as they stand by their start, from 1; 0 if it is none. */
  placeOf(span: number): number {
    if (!this.has(span)) return 0;
    let place = 0;
    for (const each of this.tree.order()) {
      if (this.has(each)) place++;
      if (each === span) break;
    }
    return place;
  }
}

/** Not 0 for a span and all below it; `order` has each span after its parent. */
function within(tree: Tree, order: Int32Array, top: number): Uint8Array {
  const inside = new Uint8Array(tree.size);
  for (const span of order) inside[span] = span === top ? 1 : (inside[tree.parent(span)] ?? 0);
  return inside;
}

/** The next span after `from` (before it, when `step` is -1) that passes, in the order of the rows, around the end. */
export function following(
  tree: Tree,
  arrangement: Arrangement,
  from: number,
  step: 1 | -1,
  passes: (span: number) => boolean,
): number {
  const all = new Rows(tree, () => true, { ...arrangement, folds: false });
  const at = all.indexOfSpan(from);
  for (let count = 1; count <= all.length; count++) {
    const index = at < 0 && step < 0 ? all.length - count : at + step * count;
    const span = all.spanAt(((index % all.length) + all.length) % all.length);
    if (passes(span)) return span;
  }
  return -1;
}

/** Opens what a span stands in. */
export function reveal(tree: Tree, opened: Opened, span: number, arrangement: Arrangement): void {
  for (let at = span; at !== -1; at = tree.parent(at)) {
    if (at !== span) opened.set(at, false, true);
    if (!arrangement.folds) continue;
    arranged(tree, tree.parent(at), arrangement, (first, count) => {
      if (count === 1) return;
      for (const each of new Run(tree, first, count).spans()) if (each === at) opened.set(first, true, true);
    });
  }
}
