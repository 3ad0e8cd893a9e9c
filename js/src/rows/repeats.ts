/** Which siblings stand under a parent, and how: in which order, which of them at all, and like ones as one row. */

import { selfTime_ns } from "../store/idle-gaps";
import type { Numbers } from "../store/number-column";
import { costOf, named, nothing, type Sums, tokensOf } from "../store/rollup";
import { SpanNode } from "../store/span-node";
import { ROOT, type Tree } from "../store/tree";

export type Order = "start" | "duration" | "self" | "tokens" | "cost";

export interface Arrangement {
  readonly order: Order;
  /** Only the spans for which it does not hold 0 stand; undefined: all. */
  readonly keep: Numbers | undefined;
  /** Whether like neighbours stand as one. */
  readonly folds: boolean;
  /** What has been sorted already, by parent. */
  readonly sorted?: Map<number, readonly number[]>;
  /** The one span that stands at the top; undefined: the roots. */
  readonly top?: number | undefined;
}

export const AS_THEY_CAME: Arrangement = { order: "start", keep: undefined, folds: false };

export const LEAST_LIKE = 5;

/**
 * Calls `stand` with what stands under a parent, from top to bottom, whether it is kept or not: a span and 1, or the first
 * of a run and its number, which `Run` explains.
 */
export function arranged(
  tree: Tree,
  parent: number,
  { order, folds, sorted, top }: Arrangement,
  stand: (span: number, number: number) => void,
): void {
  if (parent === ROOT && top !== undefined) stand(top, 1);
  else if (order !== "start") {
    const children = sorted?.get(parent) ?? sortedChildren(tree, parent, order);
    sorted?.set(parent, children);
    for (const span of children) stand(span, 1);
  } else {
    const least = folds ? LEAST_LIKE : Number.MAX_VALUE;
    const isUnattached = (span: number) => parent === ROOT && tree.isUnattached(span);
    for (let first = tree.firstOf(parent); first !== -1; ) {
      if (isUnattached(first)) {
        stand(first, -tree.unattached);
        return;
      }
      let count = 1;
      let end = tree.nextOf(first);
      for (; end !== -1 && isLike(tree, first, end) && !isUnattached(end); end = tree.nextOf(end)) count++;
      if (count >= least) stand(first, count);
      else for (let span = first; span !== end; span = tree.nextOf(span)) stand(span, 1);
      first = end;
    }
  }
}

export const isLike = ({ spans: { name, type } }: Tree, a: number, b: number): boolean =>
  name.get(a) === name.get(b) && type.get(a) === type.get(b);

/** Largest first; one that runs stands above all. */
function sortedChildren(tree: Tree, parent: number, order: Order): number[] {
  const children = [...tree.childrenOf(parent)];
  const measures = new Map(children.map((span) => [span, measureOf(tree, span, order)]));
  return children.sort((a, b) => (measures.get(b) as number) - (measures.get(a) as number));
}

function measureOf(tree: Tree, span: number, order: Order): number {
  if (order === "tokens") return tokensOf(tree.total(span)) ?? -1;
  if (order === "cost") return costOf(tree.total(span)) ?? -1;
  if (order === "self") return selfTime_ns(tree, span, Number.MAX_VALUE);
  return tree.spans.end(span, Number.MAX_VALUE) - tree.spans.start_ns.get(span);
}

/** Neighbours that stand as one row which opens: of the same name and type, or all that are unattached. */
export class Run {
  /** How many there are. */
  readonly count: number;
  readonly isUnattached: boolean;

  /** `number` is how many there are; of unattached spans, less than 0 by as many. */
  constructor(
    readonly tree: Tree,
    readonly leader: number,
    number: number,
  ) {
    this.count = Math.abs(number);
    this.isUnattached = number < 0;
  }

  get name(): string {
    return this.isUnattached ? "Unattached spans" : new SpanNode(this.tree, this.leader).row.name;
  }

  get type(): string {
    return this.isUnattached ? "" : new SpanNode(this.tree, this.leader).row.type;
  }

  get last(): number {
    let last = this.leader;
    for (const span of this.spans()) last = span;
    return last;
  }

  *spans(): Generator<number> {
    for (let span = this.leader, left = this.count; left > 0 && span !== -1; left--) {
      yield span;
      span = this.tree.nextOf(span);
    }
  }
}

/** What a run comes to. Durations are those of the spans that have ended. */
export interface RunSums {
  readonly count: number;
  readonly failed: number;
  readonly running: number;
  readonly sum_ns: number;
  readonly p50_ns: number | undefined;
  /** What all of it comes to. */
  readonly total: Readonly<Sums>;
  readonly from_ns: number;
  readonly to_ns: number | undefined;
}

export function sumsOf(run: Run): RunSums {
  const { tree } = run;
  const durations = new Float64Array(run.count);
  const all = nothing();
  const one = nothing();
  let ended = 0;
  let failed = 0;
  let end_ns = 0;
  for (const span of run.spans()) {
    const start_ns = tree.spans.start_ns.get(span);
    const until_ns = tree.spans.end_ns.get(span);
    if (!Number.isNaN(until_ns)) durations[ended++] = until_ns - start_ns;
    end_ns = Math.max(end_ns, Number.isNaN(until_ns) ? start_ns : until_ns);
    tree.sums(span, one).forEach((value, field) => {
      all[field] = (all[field] as number) + value;
    });
    if (named(one).failed > 0) failed++;
  }
  const sorted = durations.subarray(0, ended).sort();
  const running = run.count - ended;
  return {
    count: run.count,
    failed,
    running,
    sum_ns: sorted.reduce((sum, each) => sum + each, 0),
    p50_ns: sorted[ended >> 1],
    total: named(all),
    from_ns: tree.spans.start_ns.get(run.leader),
    to_ns: running > 0 ? undefined : end_ns,
  };
}

/** A run of more spans is summed up no more often than every so many ms while it grows. */
const MANY = 2000;
const EVERY_MS = 500;

/** The sums of runs, each worked out once a change. */
export class RunSummaries {
  readonly #known = new Map<number, { run: Run; version: number; at_ms: number; sums: RunSums }>();

  /** `growing`: more is to come, and so is another look. */
  of(run: Run, growing: boolean): RunSums {
    const known = this.#known.get(run.leader);
    const { version } = run.tree;
    if (known?.run.tree === run.tree) {
      const isNew = growing && run.count > MANY && performance.now() - known.at_ms < EVERY_MS;
      if (isNew || (known.version === version && known.run.count === run.count)) return known.sums;
    }
    const sums = sumsOf(run);
    this.#known.set(run.leader, { run, version, at_ms: performance.now(), sums });
    return sums;
  }
}
