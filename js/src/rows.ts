/** From the span tree and what is open in it to the rows of the grid, from top to bottom; no recursion. */

import type { SpanNode } from "./node";
import { bytes, integers, type Numbers } from "./numbers";
import { type Arrangement, AS_THEY_CAME, arranged, isLike, LEAST_LIKE, Run } from "./runs";
import { ROOT, type Tree } from "./tree";

/** A row of the grid, with the numbers that WAI-ARIA's treegrid asks for; these count from 1. */
export interface GridRow {
  readonly id: string;
  /** The span, or the first one of the run. */
  readonly node: SpanNode;
  /** Set on a row that stands for many spans. */
  readonly run: Run | undefined;
  readonly level: number;
  readonly posinset: number;
  readonly setsize: number;
  /** Undefined on a leaf. */
  readonly open: boolean | undefined;
}

export interface RowList {
  readonly length: number;
  at(index: number): GridRow | undefined;
}

const [LEAF, CLOSED, OPEN] = [0, 1, 2];
/** No span's parent. */
const NOWHERE = -2;

export class Rows implements RowList {
  length = 0;
  /** Whether no row has anything inside. */
  flat = true;
  readonly #span = integers(-1);
  /** The number of a run; 1 for a span. */
  readonly #count = integers(1);
  readonly #level = integers(1);
  readonly #posinset = integers(1);
  /** The set of siblings that a row is in, and how many each has. */
  readonly #set = integers();
  readonly #setsize = integers();
  #sets = 0;
  readonly #open = bytes(LEAF);
  /** How many rows each level has. */
  readonly #across = integers();
  /** What of the tree is in here. */
  #size: number;
  readonly #moves: number;
  /** Where the last span was put: below which parent, in which row that is, and which row comes after all that is below it. */
  #place = { parent: NOWHERE, row: -1, end: 0 };

  /** The rows that stand open; `isOpen` tells which spans and runs are. */
  constructor(
    readonly tree: Tree,
    isOpen: (span: number, isRun: boolean) => boolean,
    readonly arrangement: Arrangement = AS_THEY_CAME,
  ) {
    this.#size = tree.size;
    this.#moves = tree.moves;
    for (const column of [this.#span, this.#level, this.#posinset, this.#set]) column.expect(Math.min(tree.size, 1000));
    // What stands in the sets that are open, innermost last: spans and counts, and where each set is at.
    const items: number[] = [];
    const sets: { at: number; end: number; set: number; posinset: number }[] = [];
    const enter = (fill: () => void) => {
      const from = items.length;
      fill();
      this.#setsize.set(this.#sets, (items.length - from) / 2);
      sets.push({ at: from, end: items.length, set: this.#sets++, posinset: 0 });
    };
    const into = (parent: number) => () =>
      arranged(tree, parent, arrangement, (span, number) => items.push(span, number));
    enter(into(ROOT));
    for (let top = sets.at(-1); top !== undefined; top = sets.at(-1)) {
      if (top.at === top.end) {
        sets.pop();
        items.length = sets.at(-1)?.end ?? 0;
        continue;
      }
      const span = items[top.at] as number;
      const count = items[top.at + 1] as number;
      top.at += 2;
      const run = count !== 1;
      const inside = run || tree.first(span) !== -1;
      const open = !inside ? LEAF : isOpen(span, run) ? OPEN : CLOSED;
      this.#add(span, count, sets.length, ++top.posinset, top.set, open);
      if (open !== OPEN) continue;
      if (!run) enter(into(span));
      else
        enter(() => {
          for (const each of new Run(tree, span, count).spans()) items.push(each, 1);
        });
    }
  }

  /**
   * Puts in the spans that have come since, each behind its siblings. `opens` tells whether a span stands open that has
   * got its first child; `rows` is the least number of rows that come before that in the order of levels. Returns false
   * when the rows are to be made anew: what is here is then of no use.
   */
  extend(opens: (span: number, level: number, rows: number) => boolean | undefined): boolean {
    const { tree, arrangement } = this;
    if (tree.moves !== this.#moves || arrangement.order !== "start") return false;
    while (this.#size < tree.size) if (!this.#take(this.#size++, opens)) return false;
    return true;
  }

  #take(span: number, opens: (span: number, level: number, rows: number) => boolean | undefined): boolean {
    const { tree, arrangement } = this;
    const parent = tree.parent(span);
    if (parent !== this.#place.parent) {
      const row = this.indexOfSpan(parent);
      const level = this.#level.get(row);
      let end = parent === ROOT ? this.length : row + 1;
      if (row !== -1) while (end < this.length && this.#level.get(end) > level) end++;
      this.#place = { parent, row, end };
    }
    if (tree.isUnattached(span)) return false;
    const { row, end } = this.#place;
    let level = 1;
    if (parent === ROOT) {
      if (arrangement.top !== undefined) return true;
    } else {
      if (row === -1) return true;
      level += this.#level.get(row);
      if (this.#open.get(row) === LEAF) {
        let rows = 0;
        // What is inside of others on its level comes before, when it is the last there.
        const deepest = end === this.length ? level : level - 1;
        for (let above = 1; above <= deepest; above++) rows += this.#across.get(above);
        const open = opens(parent, level - 1, rows);
        if (open === undefined) return false;
        this.#open.set(row, open ? OPEN : CLOSED);
        this.flat = false;
      }
      if (this.#open.get(row) === CLOSED) return true;
    }
    if (arrangement.keep?.(span) === false) return true;
    let first = row + 1;
    if (arrangement.folds) {
      let like = 0;
      for (let at = span; like < LEAST_LIKE; like++) {
        at = tree.previous(at);
        if (at === -1 || !isLike(tree, at, span)) break;
      }
      // With this one a run begins.
      if (like === LEAST_LIKE - 1) return false;
      if (like === LEAST_LIKE) {
        let run = end - 1;
        while (this.#level.get(run) > level) run--;
        this.#count.add(run, 1);
        if (this.#open.get(run) === CLOSED) return true;
        first = run + 1;
        level++;
      }
    }
    const set = first === end ? this.#sets++ : this.#set.get(first);
    this.#setsize.add(set, 1);
    const put = (column: Numbers, value: number) => column.insert(end, value, this.length);
    put(this.#span, span);
    put(this.#count, 1);
    put(this.#level, level);
    put(this.#posinset, this.#setsize.get(set));
    put(this.#set, set);
    put(this.#open, LEAF);
    this.#across.add(level, 1);
    this.length++;
    this.#place.end++;
    return true;
  }

  at(index: number): GridRow | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const node = this.tree.node(this.#span.get(index));
    const count = this.#count.get(index);
    const open = this.#open.get(index);
    return {
      id: this.idAt(index),
      node,
      run: count !== 1 ? new Run(this.tree, node.span, count) : undefined,
      level: this.#level.get(index),
      posinset: this.#posinset.get(index),
      setsize: this.#setsize.get(this.#set.get(index)),
      open: open === LEAF ? undefined : open === OPEN,
    };
  }

  /** The id of a row: of its span, or one of the run's own. */
  idAt(index: number): string {
    const id = this.tree.spans.ids.at(this.#span.get(index));
    return this.isRunAt(index) ? id + RUN_MARK : id;
  }

  /** Where the row with an id stands; -1 where there is none. */
  indexOf(id: string | undefined): number {
    if (id === undefined) return -1;
    const isRun = id.endsWith(RUN_MARK);
    return this.indexOfSpan(this.tree.spans.ids.find(isRun ? id.slice(0, -RUN_MARK.length) : id), isRun);
  }

  /** Where a span's row stands, or that of the run which it is the first of; -1 where there is none. */
  indexOfSpan(span: number, isRun = false): number {
    const index = span === -1 ? -1 : this.#span.indexOf(span, this.length);
    if (index === -1 || isRun === this.isRunAt(index)) return index;
    // The first span of a run stands right below it, if it is open.
    return !isRun && this.#span.get(index + 1) === span ? index + 1 : -1;
  }

  /** The span of a row, or the first one of its run. */
  spanAt(index: number): number {
    return this.#span.get(index);
  }

  isRunAt(index: number): boolean {
    return this.#count.get(index) !== 1;
  }

  levelAt(index: number): number {
    return this.#level.get(index);
  }

  #add(span: number, count: number, level: number, posinset: number, set: number, open: number): void {
    const index = this.length++;
    this.#span.set(index, span);
    this.#count.set(index, count);
    this.#level.set(index, level);
    this.#posinset.set(index, posinset);
    this.#set.set(index, set);
    this.#open.set(index, open);
    this.#across.add(level, 1);
    if (open !== LEAF) this.flat = false;
  }
}

/** Ends the id of a run's row, which begins with its first span's. */
const RUN_MARK = "…";

/** The rows to put into the page: those in sight with some to spare, and the one that has the focus. */
export function windowOf(
  count: number,
  scroll_px: number,
  height_px: number,
  row_px: number,
  pinned: number,
  spare_rows = 6,
): number[] {
  const first = Math.max(0, Math.floor(scroll_px / row_px) - spare_rows);
  const end = Math.min(count, Math.ceil((scroll_px + height_px) / row_px) + spare_rows);
  const indexes: number[] = [];
  if (pinned >= 0 && pinned < Math.min(first, count)) indexes.push(pinned);
  for (let index = first; index < end; index++) indexes.push(index);
  if (pinned >= end && pinned < count) indexes.push(pinned);
  return indexes;
}
