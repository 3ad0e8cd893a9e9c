/** The keys of the grid that are letters and signs; they work only while a row has the focus. */

import { following } from "../../rows/matches";
import type { Order } from "../../rows/repeats";
import type { GridRow } from "../../rows/rows";
import { isLlm } from "../../store/rollup";
import { FAILED } from "../../store/spans";
import { within, zoomed } from "../../store/time-axis";
import type { Tree } from "../../store/tree";
import { asJson } from "../../view/trace-json";
import { type Openable, type Outline, setOpen, show } from "../../view/use-rows";
import type { View } from "../../view/view";
import { copied, NOT_COPIED } from "../controls/copy-button";
import { toggleThumb } from "../details/feedback";
import { wholeOf } from "../header/breadcrumb";
import { linkOf } from "../header/mlflow-link";

const ORDERS: readonly Order[] = ["start", "duration", "self", "tokens", "cost"];

type Passes = (span: number) => boolean;

const isError =
  ({ spans }: Tree): Passes =>
  (span) =>
    spans.status.get(span) === FAILED;

export interface Site {
  readonly view: View;
  readonly outline: Outline;
  readonly row: GridRow;
  readonly index: number;
  readonly now_ns: number;
  /** Puts the focus on the active row. */
  focus(): void;
  focusSearch(): void;
}

/** Does what `key` says; false for a key that says nothing here. */
export function command(key: string, site: Site): boolean {
  const act = actionsOf(site).get(key);
  if (act === undefined) return false;
  const said = act();
  site.view.read({ said: typeof said === "string" ? said : undefined });
  return true;
}

/** What each key does; where that is not heard already it returns so in a few words. */
function actionsOf(site: Site): ReadonlyMap<string, () => unknown> {
  const { view, outline, row, now_ns } = site;
  const { reading, read, store } = view;
  const actions = new Map<string, () => unknown>();
  /** One key, or one to do and one to do the opposite. */
  const on = (keys: string, act: (first: boolean) => unknown): void => {
    for (const key of keys) actions.set(key, () => act(key === keys[0]));
  };
  const step = (keys: string, what: string, passes: Passes): void =>
    on(keys, (first) => (goTo(view, outline, row.id, passes, first ? 1 : -1) ? site.focus() : `No ${what}`));
  const flip = (name: "criticalPath" | "squeeze", what: string): string => {
    read({ [name]: !reading[name] });
    return `${what} ${reading[name] ? "on" : "off"}`;
  };
  on("/", () => {
    read({ query: reading.query ?? "" });
    site.focusSearch();
  });
  step("nN", "match", (span) => outline.found?.has(span) === true);
  step("eE", "error", isError(store.tree));
  const { texts, type } = store.tree.spans;
  step("lL", "LLM call", (span) => isLlm(texts.at(type.get(span))));
  on("*", () => setOpen(view, outline, besides(site), true));
  on("][", (first) => setOpen(view, outline, parents(site), first));
  on("s", () => enter(view, row));
  on("p", () => {
    if (!store.isRunning) return;
    view.pause(reading.paused_ns === undefined ? now_ns : undefined);
    return reading.paused_ns === undefined ? "Resumed" : "Paused";
  });
  on("g", () => flip("squeeze", "Squeezing"));
  on("r", () => {
    const order = ORDERS[(ORDERS.indexOf(reading.order) + 1) % ORDERS.length] as Order;
    read({ order, sought: reading.sought + 1 });
    return `Sorted by ${order}`;
  });
  on("zf", () => {
    zoomTo(view, row, now_ns);
    return "Zoomed";
  });
  on("+-", (first) => zoomBy(site, first ? 0.5 : 2));
  on("0", () => {
    read({ zoom: undefined });
    return "All the time";
  });
  on("><", (first) => view.resize(reading.most_rows + (first ? 4 : -4)));
  on("c", () => flip("criticalPath", "Critical path"));
  const copy = async (what: string, text: () => string | Promise<string>) =>
    read({ said: (await copied(text)) ? `${what} copied` : NOT_COPIED });
  on("j", () => copy("JSON", () => asJson(view)));
  on("?", () => read({ keyList: !reading.keyList }));
  if (row.run !== undefined) return actions;
  on("y", () => copy("Span id", () => row.node.id));
  on("o", () => {
    const url = linkOf(view, row.node.row.trace);
    if (url === undefined) return "No address in MLflow's UI is known";
    open(url, "_blank", "noopener,noreferrer");
  });
  on("ud", (first) => toggleThumb(view, row.node, first));
  return actions;
}

/** Leaves what was entered last; false when there was nothing. */
export function leave(view: View): boolean {
  const { reading } = view;
  if (reading.keyList) view.read({ keyList: false });
  else if (reading.selected !== undefined) view.read({ selected: undefined });
  else if (reading.query !== undefined) view.read({ query: undefined, bodies: undefined });
  else if (reading.zoom !== undefined) view.read({ zoom: undefined });
  else if (reading.focus.length > 0) view.read({ focus: reading.focus.slice(0, -1) });
  else return false;
  return true;
}

/**
 * Goes to the next span that passes, after the row with an id or from the top; after the row of a run its first span is
 * the next. False when there is none.
 */
export function goTo(view: View, outline: Outline, id = "", passes: Passes, step: 1 | -1): boolean {
  const { tree } = view.store;
  const { rows, arrangement } = outline;
  const index = rows.indexOf(id);
  const isRun = rows.isRunAt(index);
  const from = isRun ? rows.spanAt(index) : tree.spans.ids.find(id);
  const span = isRun && step === 1 && passes(from) ? from : following(tree, arrangement, from, step, passes);
  if (span === -1) return false;
  show(view, outline, span);
  if (view.reading.selected !== undefined) view.read({ selected: tree.spans.ids.at(span) });
  return true;
}

export function zoomTo(view: View, { node, run }: GridRow, now_ns: number): void {
  const range = { from_ns: node.row.start_ns, to_ns: node.tree.spans.end(run?.last ?? node.span, now_ns) };
  view.read({ zoom: within(range, wholeOf(view, now_ns)) });
}

/** Goes into a span; what is not in it is out of sight until one leaves. */
function enter(view: View, { node, run }: GridRow): void {
  const { focus, opened } = view.reading;
  if (run === undefined && node.hasChildren && focus.at(-1) !== node.id) {
    opened.of(node.tree).set(node.span, false, true);
    view.read({ focus: [...focus, node.id], active: node.id, zoom: undefined });
  }
}

function zoomBy({ view, row, now_ns }: Site, factor: number): void {
  const whole = wholeOf(view, now_ns);
  const middle_ns = (row.node.row.start_ns + (row.node.row.end_ns ?? now_ns)) / 2;
  view.read({ zoom: zoomed(view.reading.zoom ?? whole, factor, middle_ns, whole) });
}

function* besides({ outline: { rows }, row, index }: Site): Generator<Openable> {
  for (let at = index; at >= 0 && rows.levelAt(at) >= row.level; at--) yield* parentAt(rows.at(at), row.level);
  for (let at = index + 1; at < rows.length && rows.levelAt(at) >= row.level; at++)
    yield* parentAt(rows.at(at), row.level);
}

function* parentAt(row: GridRow | undefined, level: number): Generator<Openable> {
  if (row?.level === level && row.open !== undefined) yield openable(row);
}

export const openable = ({ node, run }: GridRow): Openable => [node.span, run !== undefined];

/** All spans with something inside, and the runs that have a row. */
function* parents({ view: { store }, outline: { rows } }: Site): Generator<Openable> {
  for (let span = 0; span < store.tree.size; span++) if (store.tree.count(span) > 0) yield [span, false];
  for (let index = 0; index < rows.length; index++) if (rows.isRunAt(index)) yield [rows.spanAt(index), true];
}
