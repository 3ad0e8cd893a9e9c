/** Which spans the search has found, and how to come to one. */

import { bytes, integers } from "../store/number-column";
import { ROOT, type Tree } from "../store/tree";
import type { Opened } from "./open-rows";
import { type Arrangement, arranged, Run } from "./repeats";
import { Rows } from "./rows";
import type { Fits, Query } from "./search-query";

export class Found {
  /** How many spans there are. */
  count = 0;
  /** Grows whenever a span that was known came to be among the hits and what is above them, or ceased to be. */
  turns = 0;
  readonly #fits: (spans: Int32Array) => Fits;
  readonly #isHit = bytes();
  /** How many hits a span and all below it are: those with none do not stand. */
  readonly keep = integers();
  /** What is above all that is looked at. */
  readonly #above: number;
  /** What of the tree is in here. */
  #size: number;
  #version: number;

  /** Looks at all spans, or at those from `top` down; `bodies` are the ids of those whose texts are known to hold the query's words. */
  constructor(
    readonly tree: Tree,
    query: Query,
    bodies: ReadonlySet<string>,
    readonly top?: number,
  ) {
    this.#fits = query.on(tree, new Set([...bodies].map((id) => tree.spans.ids.find(id))));
    const above = top === undefined ? ROOT : tree.parent(top);
    this.#above = above;
    this.#size = tree.size;
    this.#version = tree.version;
    const spans = tree.order(top);
    const fits = this.#fits(spans);
    const isHit = this.#isHit.room(tree.size);
    const keep = this.keep.room(tree.size);
    const parents = tree.parents();
    // From below upwards: what is below a span is counted before the span.
    for (let at = spans.length - 1; at >= 0; at--) {
      const span = spans[at] as number;
      const hit = fits[at] as number;
      const hits = hit + (keep[span] as number);
      if (hits === 0) continue;
      isHit[span] = hit;
      keep[span] = hits;
      this.count += hit;
      const parent = parents[span] ?? ROOT;
      if (parent !== above) (keep[parent] as number) += hits;
    }
  }

  /** Looks at what has come and changed since, and at what is above that, whose sums may have. No span may have moved. */
  update(): void {
    const { tree, top } = this;
    if (tree.version === this.#version) return;
    const changed = new Set<number>();
    for (let span = 0; span < tree.size; span++) {
      if (tree.changed(span) <= this.#version || (top !== undefined && !tree.isWithin(span, top))) continue;
      for (let at = span; at !== this.#above && !changed.has(at); at = tree.parent(at)) changed.add(at);
    }
    const spans = Int32Array.from(changed);
    for (const [at, fits] of this.#fits(spans).entries()) {
      const span = spans[at] as number;
      const more = fits - this.#isHit.get(span);
      if (more === 0) continue;
      this.count += more;
      this.#isHit.add(span, more);
      for (let at = span; at !== this.#above; at = tree.parent(at)) {
        const before = this.keep.get(at);
        this.keep.add(at, more);
        if (at < this.#size && (before === 0 || before + more === 0)) this.turns++;
      }
    }
    this.#size = tree.size;
    this.#version = tree.version;
  }

  has(span: number): boolean {
    return this.#isHit.held[span] === 1;
  }

  below(span: number): number {
    return this.keep.get(span) - this.#isHit.get(span);
  }

  /** How many hits are among the spans of a run. */
  within(run: Run): number {
    let count = 0;
    for (const span of run.spans()) if (this.has(span)) count++;
    return count;
  }

  /** Which of the hits a span is, from top to bottom as their rows stand or would, from 1; 0 if it is none. */
  placeOf(span: number, { sorted }: Arrangement): number {
    if (!this.has(span)) return 0;
    const { tree, keep } = this;
    let place = 0;
    for (let at = span; at !== this.#above; at = tree.parent(at)) {
      if (this.has(at)) place++;
      const parent = tree.parent(at);
      for (const each of sorted?.get(parent) ?? tree.childrenOf(parent)) {
        if (each === at) break;
        place += keep.get(each);
      }
    }
    return place;
  }
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
  const at = Math.max(all.indexOfSpan(from), step < 0 ? 0 : -1);
  for (let count = 1; count <= all.length; count++) {
    const row = (at + step * count + all.length) % all.length;
    const span = all.spanAt(row);
    if (passes(span) && !all.isRunAt(row)) return span;
  }
  return -1;
}

/** Opens what a span stands in. */
export function reveal(tree: Tree, opened: Opened, span: number, arrangement: Arrangement): void {
  for (let at = span; at !== -1; at = tree.parent(at)) {
    if (at !== span) opened.set(at, false, true);
    arranged(tree, tree.parent(at), arrangement, (first, count) => {
      if (count === 1) return;
      for (const each of new Run(tree, first, count).spans()) if (each === at) opened.set(first, true, true);
    });
  }
}
