/** The rows of a view as the reader wants them: in which order, with what open, which were found. */

import { useMemo } from "preact/hooks";
import { criticalPath } from "./critical";
import { type Found, find, reveal } from "./found";
import { parse, type Query } from "./query";
import { type GridRow, gridRows, openByDefault } from "./rows";
import type { Arrangement } from "./runs";
import type { SpanNode } from "./tree";
import type { View } from "./view";

/** Up to so many spans like ones stand apart, because they fit the page. */
const FOLDS_FROM = 16;
const NO_BODIES: ReadonlySet<string> = new Set();

export interface Outline {
  readonly rows: readonly GridRow[];
  /** No span has children. */
  readonly flat: boolean;
  readonly arrangement: Arrangement;
  readonly query: Query | undefined;
  readonly found: Found | undefined;
  /** How long each span on the critical path is on it, when that is to be seen. */
  readonly critical: ReadonlyMap<SpanNode, number> | undefined;
}

export function useOutline({ store, reading }: View): Outline {
  const { tree } = store;
  tree.settle();
  const { order, only } = reading;
  const text = reading.query?.trim() ?? "";
  const bodies = reading.bodies?.ids ?? NO_BODIES;
  const query = useMemo(() => (text === "" ? undefined : parse(text, store.last_ns)), [text, store.last_ns]);
  const found = useMemo(() => query && find(tree.roots, query, bodies), [tree, tree.version, query, bodies]);
  const critical = useMemo(
    () => (reading.criticalPath ? criticalPath(tree.roots, store.last_ns) : undefined),
    [tree, tree.version, reading.criticalPath],
  );
  return useMemo(() => {
    const filtering = only && found !== undefined;
    const folds = !filtering && order === "start" && tree.nodes.size > FOLDS_FROM;
    const arrangement: Arrangement = { order, keep: filtering ? found.keep : undefined, folds };
    openByDefault(tree.roots, reading.opened, { arrangement, pinned: [reading.active, reading.selected] });
    const isOpen = filtering
      ? (id: string) => reading.closed.get(id) !== false
      : (id: string) => reading.opened.get(id) === true;
    const rows = gridRows(tree.roots, isOpen, arrangement);
    return { rows, flat: rows.every((row) => row.open === undefined), arrangement, query, found, critical };
  }, [tree, tree.shape, reading.turn, found, critical, order === "start" ? 0 : tree.version]);
}

/** Opens or closes rows. */
export function setOpen({ reading, read }: View, outline: Outline, ids: Iterable<string>, open: boolean): void {
  const filtering = outline.arrangement.keep !== undefined;
  const opened = filtering ? reading.closed : reading.opened;
  for (const id of ids) opened.set(id, open);
  read(filtering ? { closed: opened } : { opened });
}

/** Brings a span's row into the grid. */
export function show(view: View, { arrangement }: Outline, node: SpanNode): void {
  const { reading, store } = view;
  const opened = arrangement.keep === undefined ? reading.opened : reading.closed;
  reveal(store.tree.roots, opened, node, arrangement);
  const sought = reading.sought + 1;
  view.read({ ...(arrangement.keep === undefined ? { opened } : { closed: opened }), active: node.id, sought });
}
