/**
 * The span tree, built as spans arrive in any order. Siblings stand in order of their start. A span whose parent is not
 * there stands under the root until the parent comes; a parent that would close a cycle is not taken. No recursion, so
 * depth has no limit.
 */

import { addSums, differenceOf, nothing, ownSums, type Sums, totalSums } from "./rollup";
import type { Detail, Row } from "./wire.gen";

export interface SpanNode {
  readonly id: string;
  readonly arrival: number;
  row: Row;
  detail: Detail | undefined;
  /** There is a detail, which is not here. */
  left_out: boolean;
  /** The streamed reply so far. */
  text: string;
  parent: SpanNode | undefined;
  children: readonly SpanNode[];
  /** What the span itself adds. */
  own: Readonly<Sums>;
  /** What the span and all below it come to, as `Tree.settle` left it. */
  total: Readonly<Sums>;
  /** The totals of its children, once there were any. */
  below: Sums | undefined;
}

/** The children of all that have none: most spans. */
const NONE: readonly SpanNode[] = [];

export class Tree {
  readonly nodes = new Map<string, SpanNode>();
  readonly roots: SpanNode[] = [];
  /** Grows by one whenever a span came or moved. */
  shape = 0;
  /** Grows by one whenever anything in it changed. */
  version = 0;
  readonly #waiting = new Map<string, SpanNode[]>();
  readonly #changed = new Set<SpanNode>();

  /** Takes a span's row, new or again. */
  put(row: Row): SpanNode {
    this.version++;
    const known = this.nodes.get(row.id);
    if (known === undefined) return this.#add(row);
    const moved = row.parent !== known.row.parent || row.start_ns !== known.row.start_ns;
    if (moved) this.#detach(known);
    known.row = row;
    known.own = ownSums(row);
    this.#changed.add(known);
    if (moved) this.#place(known);
    return known;
  }

  #add(row: Row): SpanNode {
    const own = ownSums(row);
    const node: SpanNode = {
      id: row.id,
      arrival: this.nodes.size,
      row,
      detail: undefined,
      left_out: false,
      text: "",
      parent: undefined,
      children: NONE,
      own,
      total: own,
      below: undefined,
    };
    this.nodes.set(row.id, node);
    this.#place(node);
    const orphans = this.#waiting.get(row.id) ?? [];
    this.#waiting.delete(row.id);
    for (const orphan of orphans) {
      if (orphan.parent !== undefined || orphan.row.parent !== row.id) continue;
      removeFrom(this.roots, orphan);
      this.#place(orphan);
    }
    return node;
  }

  #place(node: SpanNode): void {
    this.shape++;
    const wanted = node.row.parent;
    const parent = wanted === undefined ? undefined : this.nodes.get(wanted);
    if (wanted !== undefined && parent === undefined) {
      const others = this.#waiting.get(wanted);
      if (others === undefined) this.#waiting.set(wanted, [node]);
      else others.push(node);
    }
    if (parent === undefined || isWithin(parent, node)) {
      insertInto(this.roots, node);
      return;
    }
    node.parent = parent;
    if (parent.children === NONE) parent.children = [];
    insertInto(parent.children as SpanNode[], node);
    parent.below ??= nothing();
    addSums(parent.below, node.total);
    this.#changed.add(parent);
  }

  #detach(node: SpanNode): void {
    const parent = node.parent;
    removeFrom(parent === undefined ? this.roots : (parent.children as SpanNode[]), node);
    node.parent = undefined;
    if (parent === undefined) return;
    if (parent.below !== undefined) addSums(parent.below, differenceOf(nothing(), node.total));
    this.#changed.add(parent);
  }

  /** Brings all totals up to date: each changed span and each span above one is summed once, from below upwards. */
  settle(): void {
    const unsettled = new Map<SpanNode, number>();
    for (const node of this.#changed) {
      for (let at: SpanNode | undefined = node; at !== undefined && !unsettled.has(at); at = at.parent)
        unsettled.set(at, 0);
    }
    this.#changed.clear();
    for (const { parent } of unsettled.keys()) {
      if (parent !== undefined) unsettled.set(parent, (unsettled.get(parent) ?? 0) + 1);
    }
    const ready = [...unsettled.keys()].filter((node) => unsettled.get(node) === 0);
    for (const node of ready) {
      const total = totalSums(node.own, node.below);
      const { parent } = node;
      if (parent !== undefined) {
        if (parent.below !== undefined) addSums(parent.below, differenceOf(total, node.total));
        const left = (unsettled.get(parent) ?? 0) - 1;
        unsettled.set(parent, left);
        if (left === 0) ready.push(parent);
      }
      node.total = total;
    }
  }
}

/** All spans from `roots` down, each before what is below it. */
export function* preorder(roots: readonly SpanNode[]): Generator<SpanNode> {
  const stack: { list: readonly SpanNode[]; next: number }[] = [{ list: roots, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const node = top.list[top.next++];
    if (node === undefined) stack.pop();
    else {
      yield node;
      if (node.children.length > 0) stack.push({ list: node.children, next: 0 });
    }
  }
}

/** Whether `node` is `ancestor` or stands below it. */
function isWithin(node: SpanNode, ancestor: SpanNode): boolean {
  if (node === ancestor) return true;
  if (ancestor.children.length === 0) return false;
  for (let at: SpanNode | undefined = node; at !== undefined; at = at.parent) if (at === ancestor) return true;
  return false;
}

const isBefore = (a: SpanNode, b: SpanNode): boolean =>
  a.row.start_ns < b.row.start_ns || (a.row.start_ns === b.row.start_ns && a.arrival < b.arrival);

/** The place of `node` in a sorted list: how many stand before it. */
function placeIn(list: readonly SpanNode[], node: SpanNode): number {
  let low = 0;
  let high = list.length;
  const last = list[high - 1];
  if (last === undefined || isBefore(last, node)) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(list[middle] as SpanNode, node)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insertInto(list: SpanNode[], node: SpanNode): void {
  list.splice(placeIn(list, node), 0, node);
}

function removeFrom(list: SpanNode[], node: SpanNode): void {
  const place = placeIn(list, node);
  if (list[place] === node) list.splice(place, 1);
}
