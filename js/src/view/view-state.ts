/** What the reader did in a view; shared by all places that show it, and kept when the host renders it anew. */

import { Opened } from "../rows/open-rows";
import type { Order } from "../rows/repeats";
import type { Axis } from "../store/time-axis";
import type { FeedbackRequest } from "../wire/types.gen";
import { remembered } from "./browser-memory";
import { SPLIT_PERCENT } from "./limits";

export type Placement = "beside" | "below";

export type TabName = "Chat" | "Documents" | "Inputs / Outputs" | "Attributes" | "Events" | "Error";

/** A search through messages, inputs and outputs, which the kernel does. */
export interface BodySearch {
  readonly number: number;
  /** What the tree's version was when it began. */
  readonly version: number;
  /** The search before, whose answer stands until this one has its own. */
  readonly previous?: BodySearch | undefined;
  /** Undefined until the kernel has answered. */
  readonly ids?: ReadonlySet<string>;
  /** What the answer does not cover, or why there is none. */
  readonly note?: string | undefined;
}

export interface Reading {
  placement: Placement;
  selected: string | undefined;
  /** The row that Tab reaches. */
  active: string | undefined;
  opened: Opened;
  order: Order;
  /** What was typed into the search box; undefined when that is not there. */
  query: string | undefined;
  /** Whether only what was found is shown, and what is above it. */
  only: boolean;
  /** What was closed among what was found. */
  closed: Opened;
  bodies: BodySearch | undefined;
  /** Grows by one whenever one of these changed that decide which rows there are. */
  turn: number;
  /** Grows by one whenever the active row is to be brought into sight. */
  sought: number;
  /** The part of the time in sight; undefined: all. */
  zoom: Axis | undefined;
  /** How many rows of the tree are in sight before it scrolls. */
  most_rows: number;
  /** What the grid has of the width beside the details, in percent. */
  split: number;
  /** The spans that were gone into, by their ids, from the outermost in. */
  focus: readonly string[];
  /** Whether times in which nothing runs take up little room. */
  squeeze: boolean;
  /** Since which moment of the trace the view is held. */
  paused_ns: number | undefined;
  criticalPath: boolean;
  keyList: boolean;
  /** Whether keys that are letters or signs do anything. */
  letters: boolean;
  /** What a key has come to, in a few words. */
  said: string | undefined;
  /** The tab last chosen, by span type, and apart for failed spans of the type. */
  tabs: Map<string, TabName>;
  /** The places whose texts are shown as they were written. */
  written: Readonly<Record<string, boolean>>;
  /** Feedback on its way to the kernel. */
  giving: FeedbackRequest | undefined;
  /** By span, whether a detail that was asked for and has not come is still wanted. */
  asked: Map<string, boolean>;
}

export const fresh = (): Reading => ({
  placement: "beside",
  selected: undefined,
  active: undefined,
  opened: new Opened(),
  order: "start",
  query: undefined,
  only: true,
  closed: new Opened(),
  bodies: undefined,
  turn: 0,
  sought: 0,
  zoom: undefined,
  most_rows: 0,
  split: SPLIT_PERCENT.usual,
  focus: [],
  squeeze: false,
  paused_ns: undefined,
  criticalPath: false,
  keyList: false,
  letters: !remembered("letters"),
  said: undefined,
  tabs: new Map(),
  written: {},
  giving: undefined,
  asked: new Map(),
});

const OF_ROWS: readonly (keyof Reading)[] = ["opened", "closed", "order", "query", "bodies", "only", "focus"];

export function change(reading: Reading, changes: Partial<Reading>): void {
  Object.assign(reading, changes);
  if (OF_ROWS.some((name) => name in changes)) reading.turn++;
  // When a search ends.
  if ("query" in changes && !changes.query) reading.sought++;
}
