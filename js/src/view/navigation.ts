/** Ways through the trace: to another span, into one, to its time, and back. */

import { following } from "../rows/matches";
import type { GridRow } from "../rows/rows";
import { within, zoomed } from "../store/time-axis";
import { wholeTime } from "./focused-part";
import { type Openable, type Outline, show } from "./use-rows";
import type { View } from "./view";

/** Tells whether a span is one to stop at. */
export type Passes = (span: number) => boolean;

/** Closes or clears what was opened last; returns whether there was anything. */
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
 * Goes to the next span that passes; returns whether there is one.
 *
 * @param id the row to start from; without one, the top. After the row of a run comes its first span.
 * @param step -1 goes backwards
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

/** Goes into a span: only what is in it is shown until the reader leaves it. */
export function enter(view: View, { node, run }: GridRow): void {
  const { focus, opened } = view.reading;
  if (run === undefined && node.hasChildren && focus.at(-1) !== node.id) {
    opened.of(node.tree).set(node.span, false, true);
    view.read({ focus: [...focus, node.id], active: node.id, zoom: undefined });
  }
}

/** Zooms to the time of a row. */
export function zoomTo(view: View, { node, run }: GridRow, now_ns: number): void {
  const range = { from_ns: node.row.start_ns, to_ns: node.tree.spans.end(run?.last ?? node.span, now_ns) };
  view.read({ zoom: within(range, wholeTime(view, now_ns)) });
}

/** Makes the time in sight `factor` times as long, around the middle of a row's span. */
export function zoomBy(view: View, { node }: GridRow, now_ns: number, factor: number): void {
  const whole = wholeTime(view, now_ns);
  const middle_ns = (node.row.start_ns + (node.row.end_ns ?? now_ns)) / 2;
  view.read({ zoom: zoomed(view.reading.zoom ?? whole, factor, middle_ns, whole) });
}

export const openable = ({ node, run }: GridRow): Openable => [node.span, run !== undefined];

/** The rows with something inside that have the same parent as the row at `index`, and that row. */
export function* siblingsOf({ rows }: Outline, { level }: GridRow, index: number): Generator<Openable> {
  let first = index;
  while (first > 0 && rows.levelAt(first - 1) >= level) first--;
  for (let at = first; at < rows.length && rows.levelAt(at) >= level; at++) {
    const row = rows.at(at);
    if (row?.level === level && row.open !== undefined) yield openable(row);
  }
}

/** All spans with something inside, and the runs that have a row. */
export function* allParents({ store }: View, { rows }: Outline): Generator<Openable> {
  for (let span = 0; span < store.tree.size; span++) if (store.tree.count(span) > 0) yield [span, false];
  for (let index = 0; index < rows.length; index++) if (rows.isRunAt(index)) yield [rows.spanAt(index), true];
}
