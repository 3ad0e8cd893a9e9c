/** Who is whose child, and what children come to: links between spans and, of parents alone, sums. */

import { integers } from "./number-column";
import { addBelow, nothing, SumsTable, type Vector } from "./rollup";

/** The span above all; it has children, but is none. */
export const ROOT = -1;
const NONE = -1;

const link = () => integers(NONE);

export class Family {
  readonly parent = link();
  readonly next = link();
  readonly previous = link();
  /** How many spans are or were parents. */
  parents = 0;
  /** The row of a parent in the columns below; the root's is 0. */
  readonly #row = link();
  readonly #first = link();
  readonly #last = link();
  readonly #count = integers();
  readonly #below = new SumsTable();
  readonly #total = new SumsTable();
  readonly #sums = nothing();

  expect(count: number): void {
    for (const column of [this.parent, this.next, this.previous]) column.expect(count);
  }

  isParent(span: number): boolean {
    return this.#row.get(span) !== NONE;
  }

  firstOf(span: number): number {
    return this.#first.get(this.#rowOf(span));
  }

  last(span: number): number {
    return this.#last.get(this.#rowOf(span));
  }

  count(span: number): number {
    return this.#count.get(this.#rowOf(span));
  }

  /** All of so many spans, each before what is below it. */
  order(size: number): Int32Array {
    const spans = new Int32Array(size);
    const [row, first, next, parent] = [this.#row.held, this.#first.held, this.next.held, this.parent.held];
    let span = this.firstOf(ROOT);
    for (let count = 0; count < size; count++) {
      spans[count] = span;
      const inside = row[span] ?? NONE;
      let to = inside === NONE ? NONE : (first[inside] ?? NONE);
      for (let at = span; to === NONE && at !== ROOT; at = parent[at] ?? ROOT) to = next[at] ?? NONE;
      span = to;
    }
    return spans;
  }

  /** What a parent and all below it came to when it was settled last. */
  total(span: number, into: Vector): Vector {
    return this.#total.get(this.#rowOf(span), into);
  }

  /** Makes a span a parent that has come to `total` so far. */
  found(span: number, total: Vector): void {
    this.#row.set(span, ++this.parents);
    this.#total.set(this.parents, total);
  }

  /** Puts a span among the children of a parent (found, or the root) behind `previous`; -1: as the first. */
  insert(span: number, parent: number, previous: number): void {
    const row = this.#rowOf(parent);
    const next = previous === NONE ? this.#first.get(row) : this.next.get(previous);
    this.parent.set(span, parent);
    this.#tie(row, previous, span);
    this.#tie(row, span, next);
    this.#count.add(row, 1);
  }

  /** Takes a span from among its siblings. */
  remove(span: number): void {
    const row = this.#rowOf(this.parent.get(span));
    this.#tie(row, this.previous.get(span), this.next.get(span));
    this.#count.add(row, -1);
    this.parent.set(span, ROOT);
  }

  /** Adds a child's sums to what is below a parent, or takes them away. */
  add(parent: number, sums: Vector, sign: 1 | -1): void {
    if (parent !== ROOT) this.#below.add(this.#rowOf(parent), sums, sign);
  }

  /** Sums a parent up from its own and what is below it, and tells the one above of the difference. */
  settle(span: number, own: Vector, starts_requests: boolean): void {
    const row = this.#rowOf(span);
    const above = this.parent.get(span);
    this.add(above, this.#total.get(row, this.#sums), -1);
    addBelow(own, this.#below.get(row, this.#sums), starts_requests);
    this.#total.set(row, own);
    this.add(above, own, 1);
  }

  #rowOf(span: number): number {
    return span === ROOT ? 0 : this.#row.get(span);
  }

  #tie(row: number, before: number, after: number): void {
    if (before === NONE) this.#first.set(row, after);
    else this.next.set(before, after);
    if (after === NONE) this.#last.set(row, before);
    else this.previous.set(after, before);
  }
}
