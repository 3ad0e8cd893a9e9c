/** The rows of a view as the reader wants them: in which order, with what open, which were found. */

import { useMemo, useRef } from "preact/hooks";
import { Found, reveal } from "../rows/matches";
import { closesLater, type Opened, openByDefault, opensLater } from "../rows/open-rows";
import type { Arrangement } from "../rows/repeats";
import { type Later, Rows } from "../rows/rows";
import { parse, type Query } from "../rows/search-query";
import { criticalPath } from "../store/critical-path";
import { idleGaps } from "../store/idle-gaps";
import type { Axis } from "../store/time-axis";
import { ROOT, type Tree } from "../store/tree";
import { focusedSpan, wholeTime } from "./focused-part";
import { usePrinting } from "./hooks";
import type { View } from "./view";

/** Up to so many spans like ones stand apart, because they fit the page. */
const FOLDS_FROM = 16;
const NO_BODIES: ReadonlySet<string> = new Set();

export interface Outline {
  readonly rows: Rows;
  readonly arrangement: Arrangement;
  readonly query: Query | undefined;
  readonly found: Found | undefined;
  /** How long each span on the critical path is on it, when that is to be seen. */
  readonly critical: ReadonlyMap<number, number> | undefined;
  /** The times to squeeze. */
  readonly gaps: readonly Axis[] | undefined;
}

export function useOutline(view: View): Outline {
  const { store, reading } = view;
  const { tree } = store;
  tree.settle();
  const { order, only } = reading;
  const text = reading.query?.trim() ?? "";
  const bodies = (reading.bodies?.ids ?? reading.bodies?.previous?.ids) || NO_BODIES;
  // Parts of the whole time are others as that grows.
  const whole_ns = text.includes("%") ? store.last_ns : 0;
  const query = useMemo(() => (text === "" ? undefined : parse(text, whole_ns)), [text, whole_ns]);
  const top = focusedSpan(view)?.span;
  const found = useMemo(() => query && new Found(tree, query, bodies, top), [tree, tree.moves, query, bodies, top]);
  found?.update();
  const critical = useMemo(
    () => (reading.criticalPath ? criticalPath(tree, store.last_ns, top) : undefined),
    [tree, tree.version, reading.criticalPath, top],
  );
  const gaps = useMemo(
    () => (reading.squeeze ? idleGaps(tree, wholeTime(view, store.last_ns), store.last_ns) : undefined),
    [tree, tree.version, reading.squeeze, reading.focus],
  );
  const sorted = useMemo(() => new Map<number, readonly number[]>(), [tree, tree.version, order]);
  const filtered = only ? found : undefined;
  const shown = useRef<{ turn: string; rows: Rows }>();
  const printing = usePrinting();
  const turn = `${reading.turn} ${filtered?.turns} ${printing}`;
  const rows = useMemo(() => {
    const folds = filtered === undefined && order === "start" && tree.size > FOLDS_FROM;
    const arrangement: Arrangement = { order, keep: filtered?.keep, folds, sorted, top };
    const chosen = [reading.active, reading.selected].map((id) => (id === undefined ? ROOT : tree.spans.ids.find(id)));
    const pinned = new Set<number>();
    for (let span of chosen) for (; span !== ROOT; span = tree.parent(span)) pinned.add(span);
    // What the reader is at stays, now that the search no longer shows it.
    if (filtered === undefined && shown.current?.rows.arrangement.keep !== undefined) {
      for (const span of chosen) reveal(tree, reading.opened.of(tree), span, arrangement);
    }
    // Paper opens nothing on a click.
    if (printing)
      return new Rows(tree, (span, isRun) => !isRun || reading.opened.of(tree).get(span, true) === true, arrangement);
    const before = shown.current?.turn === turn ? shown.current.rows : undefined;
    const now = rowsOf(tree, arrangement, reading.opened.of(tree), before, pinned, filtered && reading.closed.of(tree));
    shown.current = { turn, rows: now };
    return now;
  }, [tree, tree.shape, turn, filtered, order === "start" ? 0 : tree.version]);
  return { rows, arrangement: rows.arrangement, query, found, critical, gaps };
}

/**
 * The rows of what `opened` says, after it has been decided what else stands open; of a search, all but what was closed in
 * it. They are those of `before`, if it is given and only has to be extended.
 */
export function rowsOf(
  tree: Tree,
  arrangement: Arrangement,
  opened: Opened,
  before?: Rows,
  pinned: ReadonlySet<number> = new Set(),
  closed?: Opened,
): Rows {
  const { folds, top, keep } = arrangement;
  const was = before?.arrangement;
  if (before?.tree === tree && was?.folds === folds && was.top === top && was.keep === keep) {
    const decided: [span: number, isRun: boolean, open: boolean | undefined][] = [];
    const later: Later = {
      opens(span, level, rows, first_rows) {
        if (closed !== undefined) return closed.get(span, false) !== false;
        const open = opensLater(tree, opened, span, level, rows, first_rows);
        decided.push([span, false, open]);
        return open;
      },
      closes(run, rows) {
        decided.push([run.leader, true, false]);
        return closesLater(opened, run, rows, pinned);
      },
    };
    if (before.extend(later)) {
      for (const [span, isRun, open] of decided) opened.set(span, isRun, open === true);
      return before;
    }
  }
  if (closed === undefined) openByDefault(tree, opened, { arrangement, pinned });
  return new Rows(
    tree,
    (span, isRun) => (closed === undefined ? opened.get(span, isRun) === true : closed.get(span, isRun) !== false),
    arrangement,
  );
}

/** A span, or a run by its first, to open or to close. */
export type Openable = readonly [span: number, isRun: boolean];

/** Opens or closes rows. */
export function setOpen(
  { reading, read, store }: View,
  outline: Outline,
  which: Iterable<Openable>,
  open: boolean,
): void {
  const filtering = outline.arrangement.keep !== undefined;
  const opened = (filtering ? reading.closed : reading.opened).of(store.tree);
  for (const [span, isRun] of which) opened.set(span, isRun, open);
  read(filtering ? { closed: opened } : { opened });
}

/** Brings a span's row into the grid. */
export function show(view: View, { arrangement }: Outline, span: number): void {
  const { reading, store } = view;
  const filtering = arrangement.keep !== undefined;
  const opened = (filtering ? reading.closed : reading.opened).of(store.tree);
  reveal(store.tree, opened, span, arrangement);
  const sought = reading.sought + 1;
  view.read({ ...(filtering ? { closed: opened } : { opened }), active: store.tree.spans.ids.at(span), sought });
}
