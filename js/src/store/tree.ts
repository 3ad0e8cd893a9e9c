/**
 * The span tree, built as spans arrive in any order. Siblings stand in order of their start. A span whose parent is not
 * there is unattached until the parent comes: it stands at the root, behind the others. A parent that would close a cycle
 * is not taken. No recursion, so depth has no limit. A span is its number in the columns of `spans`; -1 is no span, or the root above all.
 */

import { integers, type Numbers } from "./number-column";
import { Packs } from "./packed-details";
import { named, nothing, ownSums, type Sums, startsRequests, type Vector } from "./rollup";
import { type Incoming, Spans } from "./spans";
import { Family, ROOT } from "./tree-links";

export { ROOT };

export class Tree {
  readonly spans = new Spans();
  readonly packs: Packs;
  /** What has come of replies that stream since their details came, by span. */
  readonly streamed = new Map<number, string>();
  /** Grows by one whenever a span came, moved, or got another name or type. */
  shape = 0;
  /** Grows whenever a span came elsewhere than behind its siblings, moved, or got another name or type. */
  moves = 0;
  /** Grows by one whenever anything in it changed. */
  version = 0;
  readonly #family = new Family();
  /** The ids of the parents that spans want and do not have; and the spans that wait for one to come, by its id. */
  readonly #wanted = new Map<number, string>();
  readonly #waiting = new Map<string, number[]>();
  /** The last of the roots that are meant to be some; the unattached stand behind it. */
  #lastRoot = -1;
  /** Parents that are to be summed up. */
  readonly #unsettled = new Set<number>();
  readonly #own = nothing();
  readonly #changed = integers();
  #order: { readonly shape: number; readonly spans: Int32Array } | undefined;

  /** `arrived` is called when details are unpacked after one was asked for too early. */
  constructor(arrived?: () => void) {
    this.packs = new Packs(arrived);
  }

  get size(): number {
    return this.spans.size;
  }

  parent(span: number): number {
    return this.#family.parent.get(span);
  }

  /** The parents of all spans, as far as any has one. */
  parents(): Numbers["held"] {
    return this.#family.parent.held;
  }

  /** The first child, -1 if there is none; `next` goes on from there. */
  firstOf(span: number): number {
    return this.#family.firstOf(span);
  }

  *childrenOf(span: number): Generator<number> {
    for (let child = this.firstOf(span); child !== -1; child = this.nextOf(child)) yield child;
  }

  nextOf(span: number): number {
    return this.#family.next.get(span);
  }

  previous(span: number): number {
    return this.#family.previous.get(span);
  }

  last(span: number): number {
    return this.#family.last(span);
  }

  /** The version with which a span's row came last. */
  changed(span: number): number {
    return this.#changed.get(span);
  }

  /** How many children there are. */
  count(span: number): number {
    return this.#family.count(span);
  }

  /** So many spans will come. */
  expect(count: number, id_characters: number): void {
    this.spans.expect(count, id_characters);
    this.#family.expect(count);
    this.#changed.expect(count);
  }

  /** Takes the row that `incoming` is at, of a span new or again; returns the span. */
  put(incoming: Incoming): number {
    this.version++;
    const size = this.size;
    const span = this.spans.ids.add(incoming.id);
    this.#changed.set(span, this.version);
    if (span === size) {
      incoming.writeTo(span);
      this.#place(span, incoming.parentSpan, incoming.parent);
      this.#adopt(span);
      return span;
    }
    const isLeaf = !this.#family.isParent(span);
    if (this.#moves(span, incoming)) {
      this.#detach(span);
      incoming.writeTo(span);
      this.#place(span, incoming.parentSpan, incoming.parent);
    } else {
      const parent = this.parent(span);
      const { name, type } = this.spans;
      const [nameBefore, typeBefore] = [name.get(span), type.get(span)];
      if (isLeaf) this.#family.add(parent, ownSums(this.spans, span, this.#own), -1);
      incoming.writeTo(span);
      if (nameBefore !== name.get(span) || typeBefore !== type.get(span)) {
        this.shape++;
        this.moves++;
      }
      if (isLeaf) this.#family.add(parent, ownSums(this.spans, span, this.#own), 1);
    }
    const changed = isLeaf ? this.parent(span) : span;
    if (changed !== ROOT) this.#unsettled.add(changed);
    return span;
  }

  /** What a span and all below it come to, as of the last `settle`. */
  sums(span: number, into: Vector): Vector {
    return this.#family.isParent(span) ? this.#family.total(span, into) : ownSums(this.spans, span, into);
  }

  total(span: number): Sums {
    return named(this.sums(span, this.#own));
  }

  /** All spans, or `top` and what is below it, each before what is below it. */
  order(top = ROOT): Int32Array {
    if (this.#order?.shape !== this.shape) {
      this.#order = { shape: this.shape, spans: this.#family.order(this.size) };
    }
    const { spans } = this.#order;
    if (top === ROOT) return spans;
    let last = top;
    while (last !== ROOT && this.nextOf(last) === -1) last = this.parent(last);
    return spans.subarray(spans.indexOf(top), last === ROOT ? undefined : spans.indexOf(this.nextOf(last)));
  }

  /** Brings all totals up to date: each parent with a change below it is summed once, from below upwards. */
  settle(): void {
    if (this.#unsettled.size === 0) return;
    const missing = new Map<number, number>();
    for (const span of this.#unsettled) {
      for (let at = span; at !== ROOT && !missing.has(at); at = this.parent(at)) missing.set(at, 0);
    }
    this.#unsettled.clear();
    for (const span of missing.keys()) {
      const above = this.parent(span);
      if (above !== ROOT) missing.set(above, (missing.get(above) ?? 0) + 1);
    }
    const ready = [...missing.keys()].filter((span) => missing.get(span) === 0);
    for (const span of ready) {
      const { texts, type } = this.spans;
      this.#family.settle(span, ownSums(this.spans, span, this.#own), startsRequests(texts.at(type.get(span))));
      const above = this.parent(span);
      if (above === ROOT) continue;
      const left = (missing.get(above) ?? 0) - 1;
      missing.set(above, left);
      if (left === 0) ready.push(above);
    }
  }

  /** Whether a span wants a parent and has none: the last roots are such. */
  isUnattached(span: number): boolean {
    return this.#wanted.has(span);
  }

  /** How many spans are unattached. */
  get unattached(): number {
    return this.#wanted.size;
  }

  /** The id of the parent that a span was sent with, which may not be here. */
  parentId(span: number): string | undefined {
    const parent = this.parent(span);
    return parent === ROOT ? this.#wanted.get(span) : this.spans.ids.at(parent);
  }

  /** Whether a span's row gives it another place. */
  #moves(span: number, incoming: Incoming): boolean {
    if (incoming.start_ns !== this.spans.start_ns.get(span)) return true;
    const parent = this.parent(span);
    return parent === ROOT ? this.#wanted.get(span) !== incoming.parent : parent !== incoming.parentSpan;
  }

  /** Puts a span below `parent`, which has the id that it wants, or at the root. */
  #place(span: number, parent: number, wanted: string | undefined): void {
    this.shape++;
    this.#wanted.delete(span);
    if (wanted === undefined) this.#insert(span, ROOT);
    else if (parent !== -1 && !this.isWithin(parent, span)) this.#insert(span, parent);
    else {
      this.#wanted.set(span, wanted);
      this.#insert(span, ROOT);
      if (parent !== -1) return;
      const waiting = this.#waiting.get(wanted);
      if (waiting === undefined) this.#waiting.set(wanted, [span]);
      else waiting.push(span);
    }
  }

  #insert(span: number, parent: number): void {
    let previous = -1;
    if (parent === ROOT || this.#family.isParent(parent)) {
      const isUnattached = this.isUnattached(span);
      const isRoot = parent === ROOT && !isUnattached;
      const last = isRoot ? this.#lastRoot : this.last(parent);
      const first = isUnattached ? this.#lastRoot : -1;
      previous = last;
      while (previous !== first && this.#isBefore(span, previous)) previous = this.previous(previous);
      if (previous !== this.last(parent)) this.moves++;
      if (isRoot && previous === last) this.#lastRoot = span;
    } else {
      this.#family.found(parent, ownSums(this.spans, parent, this.#own));
    }
    this.#family.insert(span, parent, previous);
    this.#family.add(parent, this.sums(span, this.#own), 1);
    if (parent !== ROOT) this.#unsettled.add(parent);
  }

  #detach(span: number): void {
    this.moves++;
    const parent = this.parent(span);
    if (span === this.#lastRoot) this.#lastRoot = this.previous(span);
    this.#family.remove(span);
    this.#family.add(parent, this.sums(span, this.#own), -1);
    if (parent !== ROOT) this.#unsettled.add(parent);
  }

  /** Gives a span that has come the children that wait for it. */
  #adopt(span: number): void {
    if (this.#waiting.size === 0) return;
    const id = this.spans.ids.at(span);
    const orphans = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    for (const orphan of orphans) {
      if (this.#wanted.get(orphan) !== id) continue;
      this.#detach(orphan);
      this.#place(orphan, span, id);
    }
  }

  /** Whether `span` is `ancestor` or stands below it. */
  isWithin(span: number, ancestor: number): boolean {
    if (span === ancestor) return true;
    if (!this.#family.isParent(ancestor)) return false;
    for (let at = span; at !== ROOT; at = this.parent(at)) if (at === ancestor) return true;
    return false;
  }

  #isBefore(a: number, b: number): boolean {
    const { start_ns } = this.spans;
    const [one, other] = [start_ns.get(a), start_ns.get(b)];
    return one < other || (one === other && a < b);
  }
}
