/** From the span tree and what is open in it to the rows of the grid, from top to bottom; no recursion. */

import { integers, type Numbers } from "../store/number-column";
import { SpanNode } from "../store/span-node";
import { ROOT, type Tree } from "../store/tree";
import { type Arrangement, AS_THEY_CAME, arranged, isLike, LEAST_LIKE, Run } from "./repeats";

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
/** What a row has: the number of its run less one, 0 for a span; its level; its place in its set of siblings; that; and whether it is open. */
const [NUMBER, LEVEL, POSINSET, SET, STATE, WIDTH] = [0, 1, 2, 3, 4, 5];
/** So many rows are made room for at first. */
const MOST_EXPECTED = 10_000;
/** No span's parent. */
const NOWHERE = -2;

type IsOpen = (span: number, isRun: boolean) => boolean;

/** What stands open of that which has come; it tells it of each once. */
export interface Later {
  /**
   * Whether a span of `level` stands open that has got its first child, undefined when that cannot be told; `rows` is the
   * least number of rows that come before that in the order of levels, `first_rows` that of the roots and their children.
   */
  opens(span: number, level: number, rows: number, first_rows: number): boolean | undefined;
  /** Whether it can be told that a run which has begun is closed, with so many rows besides. */
  closes(run: Run, rows: number): boolean;
}

export class Rows implements RowList {
  length = 0;
  /** Whether no row has anything inside. */
  flat = true;
  readonly #span = integers(-1);
  /** What else each row has, one row after the other. */
  readonly #cells = integers();
  /** How many rows each set of siblings has. */
  readonly #setsize = integers();
  #sets = 0;
  /** How many rows each level has. */
  readonly #across: number[] = [];
  /** What of the tree is in here. */
  #size: number;
  readonly #moves: number;
  /** Where the last span was put: below which parent, in which row that is, and which row comes after all that is below it. */
  #place = { parent: NOWHERE, row: -1, end: 0 };

  /** The rows that stand open; `isOpen` tells which spans and runs are. */
  constructor(
    readonly tree: Tree,
    isOpen: IsOpen,
    readonly arrangement: Arrangement = AS_THEY_CAME,
  ) {
    this.#size = tree.size;
    this.#moves = tree.moves;
    const { keep, order } = arrangement;
    const expected = Math.min(tree.size, MOST_EXPECTED);
    this.#span.expect(expected);
    this.#cells.expect(expected * WIDTH);
    if (keep !== undefined && order === "start") this.#stand(keep, isOpen);
    else this.#arrange(isOpen);
  }

  /** Puts in what `keep` lets stand, in the order of the tree: with each keystroke of a search, so it has to be quick. */
  #stand({ held: keep }: Numbers, isOpen: IsOpen): void {
    const { tree, arrangement } = this;
    const parents = tree.parents();
    const spans = tree.order(arrangement.top);
    const standing = this.#span.room(spans.length);
    const cells = this.#cells.room(spans.length * WIDTH);
    // By parent, the root first: the level of what stands in it, 0 if nothing does, and how many that are.
    const levels = new Int32Array(tree.size + 1);
    const sizes = this.#setsize.room(tree.size + 1);
    this.#sets = tree.size + 1;
    levels[0] = 1;
    let count = 0;
    // All in one place: the browser is slow at calls before it has seen many.
    for (let at = 0; at < spans.length; at++) {
      const span = spans[at] as number;
      const set = span === arrangement.top ? 0 : (parents[span] ?? ROOT) + 1;
      const level = levels[set] as number;
      if (level === 0 || !keep[span]) continue;
      const from = count * WIDTH;
      if (parents[spans[at + 1] as number] === span) {
        const open = isOpen(span, false);
        if (open) levels[span + 1] = level + 1;
        cells[from + STATE] = open ? OPEN : CLOSED;
        this.flat = false;
      }
      standing[count++] = span;
      cells[from + LEVEL] = level;
      const posinset = (sizes[set] as number) + 1;
      sizes[set] = posinset;
      cells[from + POSINSET] = posinset;
      cells[from + SET] = set;
    }
    this.length = count;
  }

  #arrange(isOpen: IsOpen): void {
    const { tree, arrangement } = this;
    const { keep } = arrangement;
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
      arranged(tree, parent, arrangement, (span, number) => {
        if (keep?.get(span) !== 0) items.push(span, number);
      });
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
      const inside = run || tree.firstOf(span) !== -1;
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
   * Puts in the spans that have come since, each behind its siblings. Returns false when the rows are to be made anew: what
   * is here is then of no use.
   */
  extend(later: Later): boolean {
    const { tree, arrangement } = this;
    if (tree.moves !== this.#moves || arrangement.order !== "start") return false;
    while (this.#size < tree.size) if (!this.#take(this.#size++, later)) return false;
    return true;
  }

  #take(span: number, later: Later): boolean {
    const { tree, arrangement } = this;
    const parent = tree.parent(span);
    if (parent !== this.#place.parent) {
      const row = this.indexOfSpan(parent);
      const level = this.#get(row, LEVEL);
      let end = parent === ROOT ? this.length : row + 1;
      if (row !== -1) while (end < this.length && this.#get(end, LEVEL) > level) end++;
      this.#place = { parent, row, end };
    }
    if (tree.isUnattached(span)) return false;
    const { row, end } = this.#place;
    let level = 1;
    if (parent === ROOT) {
      if (arrangement.top !== undefined) return true;
    } else {
      if (row === -1) return true;
      level += this.#get(row, LEVEL);
      if (this.#get(row, STATE) === LEAF) {
        const [, roots = 0, children = 0] = this.#across;
        let rows = 0;
        // What is inside of others on its level comes before, when it is the last there.
        const deepest = end === this.length ? level : level - 1;
        for (let above = 1; above <= deepest; above++) rows += this.#across[above] ?? 0;
        const open = later.opens(parent, level - 1, rows, roots + children);
        if (open === undefined) return false;
        this.#cells.set(row * WIDTH + STATE, open ? OPEN : CLOSED);
        this.flat = false;
      }
      if (this.#get(row, STATE) === CLOSED) return true;
    }
    if (arrangement.keep?.get(span) === 0) return true;
    let first = row + 1;
    if (arrangement.folds) {
      let like = 0;
      for (let at = span; like < LEAST_LIKE; like++) {
        at = tree.previous(at);
        if (at === -1 || !isLike(tree, at, span)) break;
      }
      if (like === LEAST_LIKE - 1) return this.#fold(end, level, later);
      if (like === LEAST_LIKE) {
        let run = end - 1;
        while (this.#get(run, LEVEL) > level) run--;
        this.#cells.add(run * WIDTH + NUMBER, 1);
        if (this.#get(run, STATE) === CLOSED) return true;
        first = run + 1;
        level++;
      }
    }
    const set = first === end ? this.#sets++ : this.#get(first, SET);
    this.#setsize.add(set, 1);
    this.#span.insert(end, this.length, span);
    this.#cells.insert(end * WIDTH, this.length * WIDTH, 0, level, this.#setsize.get(set), set, LEAF);
    this.#across[level] = (this.#across[level] ?? 0) + 1;
    this.length++;
    this.#place.end++;
    return true;
  }

  /** Makes of the last rows of `level` before `end` a run, which one more has made them, and closes it. */
  #fold(end: number, level: number, later: Later): boolean {
    let from = end;
    for (let left = LEAST_LIKE - 1; left > 0; ) if (this.#get(--from, LEVEL) === level) left--;
    const folded = end - from - 1;
    if (!later.closes(new Run(this.tree, this.#span.get(from), LEAST_LIKE), this.length - folded)) return false;
    for (let row = from + 1; row < end; row++) (this.#across[this.#get(row, LEVEL)] as number)--;
    this.#span.remove(from + 1, this.length, folded);
    this.#cells.remove((from + 1) * WIDTH, this.length * WIDTH, folded * WIDTH);
    this.#cells.set(from * WIDTH + NUMBER, LEAST_LIKE - 1);
    this.#cells.set(from * WIDTH + STATE, CLOSED);
    this.#setsize.add(this.#get(from, SET), 2 - LEAST_LIKE);
    this.length -= folded;
    this.#place.end = from + 1;
    this.flat = false;
    return true;
  }

  at(index: number): GridRow | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const node = new SpanNode(this.tree, this.#span.get(index));
    const number = this.#get(index, NUMBER) + 1;
    const open = this.#get(index, STATE);
    return {
      id: this.idAt(index),
      node,
      run: number !== 1 ? new Run(this.tree, node.span, number) : undefined,
      level: this.#get(index, LEVEL),
      posinset: this.#get(index, POSINSET),
      setsize: this.#setsize.get(this.#get(index, SET)),
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
    return this.#get(index, NUMBER) !== 0;
  }

  levelAt(index: number): number {
    return this.#get(index, LEVEL);
  }

  #get(index: number, field: number): number {
    return this.#cells.get(index * WIDTH + field);
  }

  #add(span: number, number: number, level: number, posinset: number, set: number, state: number): void {
    const at = this.length++;
    this.#span.set(at, span);
    const cells = this.#cells.room(this.length * WIDTH);
    const from = at * WIDTH;
    cells[from + NUMBER] = number - 1;
    cells[from + LEVEL] = level;
    cells[from + POSINSET] = posinset;
    cells[from + SET] = set;
    cells[from + STATE] = state;
    this.#across[level] = (this.#across[level] ?? 0) + 1;
    if (state !== LEAF) this.flat = false;
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
  spare_rows: number,
): number[] {
  const first = Math.max(0, Math.floor(scroll_px / row_px) - spare_rows);
  const end = Math.min(count, Math.ceil((scroll_px + height_px) / row_px) + spare_rows);
  const indexes: number[] = [];
  if (pinned >= 0 && pinned < Math.min(first, count)) indexes.push(pinned);
  for (let index = first; index < end; index++) indexes.push(index);
  if (pinned >= end && pinned < count) indexes.push(pinned);
  return indexes;
}
