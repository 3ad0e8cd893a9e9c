/** The grid's scroll offset, told before the rows are drawn: those that will be in sight are drawn at once, and once. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { focusOnRow } from "./events";
import { ROW_PX } from "./row";
import type { Rows } from "./rows";

interface Sight {
  readonly active: number;
  /** Grows whenever the active row is to be brought into sight. */
  readonly sought: number;
  /** Whether the end is kept in sight for a reader who had it in sight. */
  readonly follows: boolean;
  /** How much of the rows can be seen. */
  readonly sight_px: number;
}

interface Scroll {
  readonly px: number;
  onScroll(event: { currentTarget: Element }): void;
  /** Brings the active row into sight once it has been drawn anew, and gives it the focus. */
  focus(): void;
  /** How many rows have come since the end was in sight last. */
  readonly ahead: number;
  goToEnd(): void;
}

/** Keeps the row that is topmost in the grid where it is when rows come above it, or goes to the one that is sought, or to the end. */
export function useScroll(
  scroller: { readonly current: HTMLDivElement | null },
  rows: Rows,
  { active, sought, follows, sight_px }: Sight,
): Scroll {
  const [, again] = useState({});
  const now = useRef({
    ...{ px: 0, tree: rows.tree, top: 0, span: -1, isRun: false },
    ...{ sought, focuses: false, atEnd: true, goesToEnd: false, seen: 0 },
  }).current;
  const end_px = Math.max(0, rows.length * ROW_PX - sight_px);
  const isAtEnd = () => now.px >= end_px - ROW_PX;
  const before_px = now.px;
  if (now.tree === rows.tree && now.top > 0 && rows.spanAt(now.top) !== now.span) {
    const index = rows.indexOfSpan(now.span, now.isRun);
    if (index >= 0) now.px += (index - now.top) * ROW_PX;
  }
  if (now.goesToEnd || (follows && now.atEnd && !scroller.current?.contains(document.activeElement))) now.px = end_px;
  if (now.focuses || now.sought !== sought) {
    const top_px = active * ROW_PX;
    now.px = Math.min(top_px, Math.max(now.px, top_px + ROW_PX - sight_px));
    now.atEnd = isAtEnd();
  }
  now.px = Math.min(now.px, end_px);
  if (now.atEnd || now.goesToEnd || !follows) now.seen = rows.length;
  const top = Math.floor(now.px / ROW_PX);
  Object.assign(now, {
    tree: rows.tree,
    top,
    span: rows.spanAt(top),
    isRun: rows.isRunAt(top),
    sought,
    goesToEnd: false,
  });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    if (now.px !== before_px) element.scrollTop = now.px;
    if (now.focuses) focusOnRow(element);
    now.focuses = false;
  });
  return {
    px: now.px,
    onScroll({ currentTarget }) {
      const { px } = now;
      now.px = currentTarget.scrollTop;
      now.atEnd = isAtEnd();
      if (now.px !== px) again({});
    },
    focus() {
      now.focuses = true;
    },
    ahead: follows && !now.atEnd ? Math.max(0, rows.length - now.seen) : 0,
    goToEnd() {
      now.goesToEnd = true;
      again({});
    },
  };
}
