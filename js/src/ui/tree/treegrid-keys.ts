/** The keys of the W3C's treegrid pattern, rows first: https://www.w3.org/WAI/ARIA/apg/patterns/treegrid/ */

import type { RowList } from "../../rows/rows";

/** What a key does: the row it goes to, and whether that row opens, closes or shows its details. */
export interface Keyed {
  readonly index: number;
  readonly open?: boolean;
  readonly select?: boolean;
}

/** What `key` does on the row numbered `at`; undefined for a key that is not the grid's. */
export function keyed(key: string, rows: RowList, at: number, page_rows: number): Keyed | undefined {
  const row = rows.at(at);
  if (row === undefined) return undefined;
  const go = (index: number): Keyed => ({ index: Math.min(rows.length - 1, Math.max(0, index)) });
  switch (key) {
    case "ArrowDown":
      return go(at + 1);
    case "ArrowUp":
      return go(at - 1);
    case "Home":
      return go(0);
    case "End":
      return go(rows.length - 1);
    case "PageDown":
      return go(at + page_rows);
    case "PageUp":
      return go(at - page_rows);
    case "ArrowRight":
      return row.open === false ? { index: at, open: true } : row.open ? go(at + 1) : { index: at };
    case "ArrowLeft":
      return row.open ? { index: at, open: false } : go(parentOf(rows, at));
    case "Enter":
    case " ":
      return { index: at, select: true };
    default:
      return undefined;
  }
}

function parentOf(rows: RowList, at: number): number {
  const level = rows.at(at)?.level ?? 1;
  for (let index = at - 1; index >= 0; index--) if ((rows.at(index)?.level ?? 1) < level) return index;
  return at;
}
