/** From the span tree and what is open in it to the rows of the grid, from top to bottom; no recursion. */

import { type Arrangement, AS_THEY_CAME, arranged, isRun, type Run } from "./runs";
import type { SpanNode } from "./tree";

/** A row of the grid, with the numbers that WAI-ARIA's treegrid asks for; these count from 1. */
export interface GridRow {
  readonly id: string;
  /** The span, or the first one of the run. */
  readonly node: SpanNode;
  /** Set on a row that stands for many spans. */
  readonly run: Run | undefined;
  readonly level: number;
  readonly posinset: number;
  readonly setsize: number;
  /** Undefined on a leaf. */
  readonly open: boolean | undefined;
}

/** Which spans and runs are open, by id; one that is not in it has not been decided on. */
export type Opened = Map<string, boolean>;

export const OPEN_ROWS = 200;

/**
 * Decides on the parents that nobody has decided on yet, level by level: roots open, others as long as no more than
 * `most_rows` rows stand open. A run is closed, unless it is all there is or has a span of `pinned` in it. What was
 * decided once stays, so that a tree that grows never folds under the reader.
 */
export function openByDefault(
  roots: readonly SpanNode[],
  opened: Opened,
  {
    most_rows = OPEN_ROWS,
    arrangement = AS_THEY_CAME,
    pinned = [],
  }: { most_rows?: number; arrangement?: Arrangement; pinned?: readonly (string | undefined)[] } = {},
): void {
  let level = arranged(roots, arrangement);
  let rows = level.length;
  for (let depth = 0; level.length > 0; depth++) {
    const next: (SpanNode | Run)[] = [];
    for (const item of level) {
      const inside = insideOf(item, arrangement);
      if (inside.length === 0) continue;
      let open = opened.get(item.id);
      if (open === undefined) {
        const fits = rows + inside.length <= most_rows;
        open = isRun(item) ? (fits && level.length === 1) || holds(item, pinned) : depth === 0 || fits;
        opened.set(item.id, open);
      }
      if (!open) continue;
      rows += inside.length;
      for (const each of inside) next.push(each);
    }
    level = next;
  }
}

const holds = (run: Run, pinned: readonly (string | undefined)[]): boolean =>
  pinned.some((id) => id !== undefined) && run.nodes.some((node) => pinned.includes(node.id));

const insideOf = (item: SpanNode | Run, arrangement: Arrangement): readonly (SpanNode | Run)[] =>
  isRun(item) ? item.nodes : item.children.length === 0 ? item.children : arranged(item.children, arrangement);

/** The rows that stand open; `isOpen` tells which spans and runs are. */
export function gridRows(
  roots: readonly SpanNode[],
  isOpen: (id: string) => boolean,
  arrangement = AS_THEY_CAME,
): GridRow[] {
  const rows: GridRow[] = [];
  const stack: { list: readonly (SpanNode | Run)[]; next: number }[] = [
    { list: arranged(roots, arrangement), next: 0 },
  ];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const item = top.list[top.next++];
    if (item === undefined) {
      stack.pop();
      continue;
    }
    const run = isRun(item) ? item : undefined;
    const node = isRun(item) ? (item.nodes[0] as SpanNode) : item;
    const leaf = run === undefined && node.children.length === 0;
    const open = leaf ? undefined : isOpen(item.id);
    rows.push({ id: item.id, node, run, level: stack.length, posinset: top.next, setsize: top.list.length, open });
    if (open) stack.push({ list: insideOf(item, arrangement), next: 0 });
  }
  return rows;
}

/** The rows to put into the page: those in sight with some to spare, and the one that has the focus. */
export function windowOf(
  count: number,
  scroll_px: number,
  height_px: number,
  row_px: number,
  pinned: number,
  spare_rows = 6,
): number[] {
  const first = Math.max(0, Math.floor(scroll_px / row_px) - spare_rows);
  const end = Math.min(count, Math.ceil((scroll_px + height_px) / row_px) + spare_rows);
  const indexes: number[] = [];
  if (pinned >= 0 && pinned < Math.min(first, count)) indexes.push(pinned);
  for (let index = first; index < end; index++) indexes.push(index);
  if (pinned >= end && pinned < count) indexes.push(pinned);
  return indexes;
}
