/** All that a page knows of one view's trace: applies snapshots and deltas, whole, repeated, late or with gaps. */

import { Clock } from "./clock";
import { type SpanNode, Tree } from "./tree";
import type { Cell, Delta, Detail, DetailReply, Row, Snapshot, Summary, TraceLink } from "./wire.gen";

export type Applied = "applied" | "repeat" | "gap";

export class TraceStore {
  /** The number of the newest delta that is in here; -1 before the first snapshot. */
  seq = -1;
  cell: Cell = { label: "?" };
  notes: readonly string[] = [];
  links: readonly TraceLink[] = [];
  summary: Summary | undefined;
  tree = new Tree();
  clock = new Clock(0);
  /** When the last span ended, nanoseconds after the origin. */
  last_ns = 0;
  /** Why the kernel had no whole detail to give, by span. */
  readonly refusals = new Map<string, string>();

  /**
   * Takes a snapshot, unless what is here is newer. Returns whether it was taken. One that brings nothing new does not
   * replace details, because those that are kept in the notebook are shortened.
   */
  applySnapshot(snapshot: Snapshot): boolean {
    const other = this.#isAnotherRun(snapshot);
    if (snapshot.seq < this.seq && !other) return false;
    const repeated = snapshot.seq === this.seq && !other;
    if (other || this.seq < 0) {
      this.tree = new Tree();
      this.clock = new Clock(snapshot.origin_ms);
      this.last_ns = 0;
      this.refusals.clear();
    }
    this.seq = snapshot.seq;
    this.cell = snapshot.cell;
    this.notes = snapshot.notes;
    this.links = Array.isArray(snapshot.links) ? snapshot.links : [];
    this.summary = snapshot.summary;
    for (const { row, detail, left_out } of snapshot.spans) {
      const node = this.#put(row, repeated && this.tree.nodes.get(row.id)?.detail !== undefined ? undefined : detail);
      if (left_out && !repeated) node.detail = undefined;
      node.left_out = left_out === true && node.detail === undefined;
    }
    return true;
  }

  /**
   * Takes a delta. After a gap the rows are still taken, because each is whole, so that a view stays alive while the
   * kernel is too busy to answer; pieces of text are not, because one is missing between them.
   */
  applyDelta(delta: Delta, received_ms: number): Applied {
    if (delta.seq <= this.seq) return "repeat";
    const gap = delta.seq !== this.seq + 1;
    let latest_ns = 0;
    for (const change of delta.changes) {
      if (change.op === "span") {
        this.#put(change.row, change.detail);
        latest_ns = Math.max(latest_ns, latestOf(change.row));
      } else if (!gap) {
        const node = this.tree.nodes.get(change.id);
        if (node !== undefined) node.text += change.text;
      }
    }
    if (latest_ns > 0) this.clock.observe(latest_ns, received_ms);
    this.summary = delta.summary;
    if (gap) return "gap";
    this.seq = delta.seq;
    return "applied";
  }

  /** Takes the whole detail of a span, or the reason why there is none. */
  applyDetail(reply: DetailReply): void {
    const node = this.tree.nodes.get(reply.id);
    if (node !== undefined && reply.detail !== undefined) setDetail(node, reply.detail);
    if (reply.reason !== undefined) this.refusals.set(reply.id, reply.reason);
  }

  get running(): boolean {
    return this.summary?.state === "running";
  }

  #put(row: Row, detail: Detail | undefined): SpanNode {
    const node = this.tree.put(row);
    if (detail !== undefined) setDetail(node, detail);
    this.last_ns = Math.max(this.last_ns, latestOf(row));
    return node;
  }

  /** A snapshot of none of the spans that are here is of another run of the cell; an empty one says nothing. */
  #isAnotherRun(snapshot: Snapshot): boolean {
    if (this.tree.nodes.size === 0 || snapshot.spans.length === 0) return false;
    return !snapshot.spans.some(({ row }) => this.tree.nodes.has(row.id));
  }
}

function setDetail(node: SpanNode, detail: Detail): void {
  node.detail = detail;
  node.left_out = false;
  node.text = detail.text ?? node.text;
}

const latestOf = (row: Row): number => Math.max(row.start_ns, row.first_token_ns ?? 0, row.end_ns ?? 0);
