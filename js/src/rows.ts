/** From the span tree and what is open in it to the rows of the grid, from top to bottom; no recursion. */

import type { SpanNode } from "./tree";

/** A row of the grid, with the numbers that WAI-ARIA's treegrid asks for; these count from 1. */
export interface GridRow {
  readonly node: SpanNode;
  readonly level: number;
  readonly posinset: number;
  readonly setsize: number;
  /** Undefined on a leaf. */
  readonly open: boolean | undefined;
}

/** Which spans are open, by id; a span that is not in it has not been decided on. */
export type Opened = Map<string, boolean>;

export const OPEN_ROWS = 200;

/**
 * Decides on the parents that nobody has decided on yet, level by level: roots open, others as long as no more than
 * `most_rows` rows stand open. What was decided once stays, so that a tree that grows never folds under the reader.
 */
export function openByDefault(roots: readonly SpanNode[], opened: Opened, most_rows = OPEN_ROWS): void {
  let rows = roots.length;
  let level: SpanNode[] = [...roots];
  for (let depth = 0; level.length > 0; depth++) {
    const next: SpanNode[] = [];
    for (const node of level) {
      if (node.children.length === 0) continue;
      let open = opened.get(node.id);
      if (open === undefined) {
        open = depth === 0 || rows + node.children.length <= most_rows;
        opened.set(node.id, open);
      }
      if (!open) continue;
      rows += node.children.length;
      for (const child of node.children) next.push(child);
    }
    level = next;
  }
}

/** The rows that stand open. */
export function gridRows(roots: readonly SpanNode[], opened: Opened): GridRow[] {
  const rows: GridRow[] = [];
  const stack: { list: readonly SpanNode[]; next: number }[] = [{ list: roots, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const node = top.list[top.next++];
    if (node === undefined) {
      stack.pop();
      continue;
    }
    const open = node.children.length === 0 ? undefined : opened.get(node.id) === true;
    rows.push({ node, level: stack.length, posinset: top.next, setsize: top.list.length, open });
    if (open) stack.push({ list: node.children, next: 0 });
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
