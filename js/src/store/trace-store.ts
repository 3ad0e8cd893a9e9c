/** All that a page knows of one view's trace: applies snapshots and deltas, whole, repeated, late or with gaps. */

import type { DetailChunk } from "../wire/envelope";
import { isText } from "../wire/shapes";
import type { Cell, Columns, Delta, DetailReply, Snapshot, Summary, TraceLink } from "../wire/types.gen";
import { Clock } from "./kernel-clock";
import { Incoming } from "./spans";
import { Tree } from "./tree";

export type Applied = "applied" | "repeat" | "gap";

const LEFT_OUT = 2;

/** A notebook may have been edited. */
function isLink(link: Partial<TraceLink> | null): boolean {
  const { url, traces = [] } = link ?? {};
  return isText(url) && Array.isArray(traces) && traces.every(isText);
}

export class TraceStore {
  /** The number of the newest delta that is in here; -1 before the first snapshot. */
  seq = -1;
  cell: Cell = { label: "?" };
  notes: readonly string[] = [];
  links: readonly TraceLink[] = [];
  summary: Summary | undefined;
  tree: Tree;
  clock = new Clock(0);
  /** When the last span ended, nanoseconds after the origin. */
  last_ns = 0;
  /** Why the kernel had no whole detail to give, by span id. */
  readonly refusals = new Map<string, string>();

  /** `arrived` is called when details are unpacked after one was asked for too early. */
  constructor(readonly arrived?: () => void) {
    this.tree = new Tree(arrived);
  }

  /**
   * Takes a snapshot, unless what is here is newer. Returns whether it was taken. One that brings nothing new does not
   * replace details, because those that are kept in the notebook are shortened.
   */
  applySnapshot(snapshot: Snapshot, details: readonly DetailChunk[] = []): boolean {
    const other = this.#isAnotherRun(snapshot);
    if (snapshot.seq < this.seq && !other) return false;
    const repeated = snapshot.seq === this.seq && !other;
    if (other || this.seq < 0) {
      this.tree = new Tree(this.arrived);
      this.clock = new Clock(snapshot.origin_ms);
      this.last_ns = 0;
      this.refusals.clear();
    }
    this.seq = snapshot.seq;
    this.cell = snapshot.cell;
    this.notes = snapshot.notes;
    this.links = Array.isArray(snapshot.links) ? snapshot.links.filter(isLink) : [];
    this.summary = snapshot.summary;
    const { id } = snapshot.rows;
    if (id.length > this.tree.size) this.tree.expect(id.length, id[0]?.length ?? 0);
    this.#put(snapshot.rows, details, repeated);
    return true;
  }

  /**
   * Takes a delta. After a gap the rows are still taken, because each is whole, so that a view stays alive while the
   * kernel is too busy to answer; pieces of text are not, because one is missing between them.
   */
  applyDelta(delta: Delta, details: readonly DetailChunk[], received_ms: number): Applied {
    if (delta.seq <= this.seq) return "repeat";
    const gap = delta.seq !== this.seq + 1;
    const latest_ns = delta.rows === undefined ? 0 : this.#put(delta.rows, details, false);
    if (!gap) for (const { id, text } of delta.texts ?? []) this.#append(id, text);
    if (latest_ns > 0) this.clock.observe(latest_ns, received_ms);
    this.summary = delta.summary;
    if (gap) return "gap";
    this.seq = delta.seq;
    return "applied";
  }

  /** Takes the whole detail of a span, or the reason why there is none. */
  applyDetail(reply: DetailReply): void {
    const span = this.tree.spans.ids.find(reply.id);
    if (span !== -1 && reply.detail !== undefined) {
      this.tree.packs.set(span, reply.detail);
      this.tree.streamed.delete(span);
    }
    if (reply.reason !== undefined) this.refusals.set(reply.id, reply.reason);
  }

  get isRunning(): boolean {
    return this.summary?.state === "running";
  }

  /** Takes rows, and their details unless they are `repeated` and there are some; returns the latest moment in them. */
  #put(rows: Columns, chunks: readonly DetailChunk[], repeated: boolean): number {
    const { tree } = this;
    const { packs } = tree;
    const giveNext = packs.take(chunks);
    let latest_ns = 0;
    for (const incoming = new Incoming(tree.spans, rows); incoming.next(); ) {
      const span = tree.put(incoming);
      const taken = !(repeated && packs.has(span));
      if (incoming.detail === 1) giveNext(taken ? span : undefined);
      else if (incoming.detail === LEFT_OUT && taken) packs.leaveOut(span);
      if (incoming.detail !== 0 && taken) tree.streamed.delete(span);
      latest_ns = Math.max(latest_ns, incoming.latest_ns);
    }
    this.last_ns = Math.max(this.last_ns, latest_ns);
    return latest_ns;
  }

  #append(id: string, text: string): void {
    const { spans, streamed } = this.tree;
    const span = spans.ids.find(id);
    if (span !== -1) streamed.set(span, (streamed.get(span) ?? "") + text);
  }

  /** A snapshot of none of the spans that are here is of another run of the cell; an empty one says nothing. */
  #isAnotherRun({ rows }: Snapshot): boolean {
    if (this.tree.size === 0 || rows.id.length === 0) return false;
    return !rows.id.some((id) => this.tree.spans.ids.find(id) !== -1);
  }
}
