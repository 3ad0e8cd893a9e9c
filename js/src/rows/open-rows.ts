/** Which spans and runs the reader, or the default, has opened or closed; what is not in it has not been decided on. */

import { bytes } from "../store/number-column";
import { FAILED } from "../store/spans";
import { ROOT, type Tree } from "../store/tree";
import { type Arrangement, AS_THEY_CAME, arranged, Run } from "./repeats";

const [UNDECIDED, CLOSED, OPEN] = [0, 1, 2];

export class Opened {
  #tree: Tree | undefined;
  #spans = bytes(UNDECIDED);
  #runs = bytes(UNDECIDED);

  /** The same for this tree; another one's numbers say nothing about it. */
  of(tree: Tree): Opened {
    if (this.#tree !== tree) {
      this.#tree = tree;
      this.#spans = bytes(UNDECIDED);
      this.#runs = bytes(UNDECIDED);
    }
    return this;
  }

  get(span: number, isRun: boolean): boolean | undefined {
    const state = (isRun ? this.#runs : this.#spans).get(span);
    return state === UNDECIDED ? undefined : state === OPEN;
  }

  set(span: number, isRun: boolean, open: boolean): void {
    (isRun ? this.#runs : this.#spans).set(span, open ? OPEN : CLOSED);
  }
}

export const OPEN_ROWS = 50;

/**
 * Decides on the parents that nobody has decided on yet: roots open, others as long as no more than `most_rows` rows stand
 * open, first those that a failure is in, then level by level. A run is closed, unless it is all there is, is of unattached
 * spans, or has a span of `pinned` in it, among which are those above what the reader has chosen. What was decided once
 * stays, so that a tree that grows never folds under the reader.
 */
export function openByDefault(
  tree: Tree,
  opened: Opened,
  {
    most_rows = OPEN_ROWS,
    arrangement = AS_THEY_CAME,
    pinned = new Set(),
  }: { most_rows?: number; arrangement?: Arrangement; pinned?: ReadonlySet<number> } = {},
): void {
  let level: number[] = [];
  arranged(tree, ROOT, arrangement, (span, number) => level.push(span, number));
  let rows = level.length / 2;
  const later: number[] = [];
  for (const alongFailures of [true, false]) {
    if (!alongFailures) level = later;
    for (let depth = 0; level.length > 0; depth++) {
      const next: number[] = [];
      for (let at = 0; at < level.length; at += 2) {
        const span = level[at] as number;
        const number = level[at + 1] as number;
        const isRun = number !== 1;
        if (!isRun && tree.firstOf(span) === -1) continue;
        const known = opened.get(span, isRun);
        if (known === false) continue;
        const isRoot = alongFailures && (depth === 0 || tree.isUnattached(span));
        const opensRun = number < 0 || (level.length === 2 && (alongFailures || depth > 0));
        const now = known !== undefined || opensRun || (!isRun && (isRoot || hidesFailure(tree, span)));
        if (alongFailures && !now) {
          later.push(span, number);
          continue;
        }
        const from = next.length;
        if (isRun) for (const each of new Run(tree, span, number).spans()) next.push(each, 1);
        else arranged(tree, span, arrangement, (each, number) => next.push(each, number));
        const inside = (next.length - from) / 2;
        const fits = rows + inside <= most_rows;
        const open =
          known ?? (isRun ? (fits && opensRun) || holds(new Run(tree, span, number), pinned) : isRoot || fits);
        if (inside > 0) opened.set(span, isRun, open);
        if (open) rows += inside;
        else next.length = from;
      }
      level = next;
    }
  }
}

/** Whether something in a span has failed. */
const hidesFailure = (tree: Tree, span: number): boolean =>
  tree.total(span).failed > Number(tree.spans.status.get(span) === FAILED);

/**
 * What `openByDefault` would decide on a span of `level` that has got its first child, with at least `rows` rows before
 * that in the order of levels; undefined when it cannot be told from these alone. What a failure is in comes before others,
 * but not before the roots' children, which with the roots are `first_rows`.
 */
export function opensLater(
  tree: Tree,
  opened: Opened,
  span: number,
  level: number,
  rows: number,
  first_rows: number,
): boolean | undefined {
  const isRoot = level === 1 || tree.isUnattached(span);
  const unsure = !isRoot && (rows < OPEN_ROWS || (first_rows < OPEN_ROWS && hidesFailure(tree, span)));
  return opened.get(span, false) ?? (unsure ? undefined : isRoot);
}

/** Whether it is sure that `openByDefault` would close a run that has begun, with so many rows besides. */
export function closesLater(opened: Opened, run: Run, rows: number, pinned: ReadonlySet<number>): boolean {
  const known = opened.get(run.leader, true);
  return known === undefined ? rows > OPEN_ROWS && !holds(run, pinned) : !known;
}

function holds(run: Run, pinned: ReadonlySet<number>): boolean {
  for (const span of run.spans()) if (pinned.has(span)) return true;
  return false;
}
