/** The keys of the grid that are letters and signs; they work only while a row has the focus. */

import type { Order } from "../../rows/repeats";
import type { GridRow } from "../../rows/rows";
import { isLlm } from "../../store/rollup";
import { FAILED } from "../../store/spans";
import type { Tree } from "../../store/tree";
import { toggleThumb } from "../../view/feedback";
import { allParents, enter, goTo, type Passes, siblingsOf, zoomBy, zoomTo } from "../../view/navigation";
import { asJson } from "../../view/trace-json";
import { linkOf } from "../../view/trace-link";
import { type Outline, setOpen } from "../../view/use-rows";
import type { View } from "../../view/view";
import { copied, NOT_COPIED } from "../controls/copy-button";

const ORDERS: readonly Order[] = ["start", "duration", "self", "tokens", "cost"];

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
  on("*", () => setOpen(view, outline, siblingsOf(outline, row, site.index), true));
  on("][", (first) => setOpen(view, outline, allParents(view, outline), first));
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
  on("+-", (first) => zoomBy(view, row, now_ns, first ? 0.5 : 2));
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
