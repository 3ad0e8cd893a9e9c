/** What the grid's scroll offset follows: the row that is sought, the rows in sight, the end while a trace runs. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { focusOnRow } from "./events";
import { ROW_PX } from "./row";
import type { Rows } from "./rows";

interface Scroller {
  readonly current: HTMLDivElement | null;
}

/**
 * Brings the active row into the grid's sight whenever `sought` grows. Returns a function that does so once it has been
 * drawn anew, and gives it the focus.
 */
export function useSight(scroller: Scroller, active: number, sought: number): () => void {
  const wanted = useRef(false);
  const before = useRef(sought);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || (!wanted.current && before.current === sought)) return;
    before.current = sought;
    const top_px = active * ROW_PX;
    const room_px = element.clientHeight - ROW_PX;
    if (top_px < element.scrollTop) element.scrollTop = top_px;
    else if (top_px + ROW_PX > element.scrollTop + room_px) element.scrollTop = top_px + ROW_PX - room_px;
    if (wanted.current) focusOnRow(element);
    wanted.current = false;
  });
  return () => {
    wanted.current = true;
  };
}

/** Keeps the row that was topmost, when the grid was scrolled by `scroll_px`, where it is when rows come above it. */
export function useAnchor(scroller: Scroller, rows: Rows, scroll_px: number): void {
  const anchor = useRef({ tree: rows.tree, top: 0, span: -1, isRun: false });
  useLayoutEffect(() => {
    const { tree, top, span, isRun } = anchor.current;
    if (scroller.current !== null && tree === rows.tree && top > 0 && rows.spanAt(top) !== span) {
      const now = rows.indexOfSpan(span, isRun);
      if (now >= 0) scroller.current.scrollTop += (now - top) * ROW_PX;
    }
    const index = Math.floor(scroll_px / ROW_PX);
    anchor.current = { tree: rows.tree, top: index, span: rows.spanAt(index), isRun: rows.isRunAt(index) };
  });
}

/**
 * While `follows`, keeps the end in sight for a reader who had it in sight, and has not put the focus on a row. Returns
 * how many rows have come since the end was in sight last, and how to get there.
 */
export function useEnd(scroller: Scroller, rows: Rows, follows: boolean): { rows: number; goThere: () => void } {
  const seen = useRef(rows.length);
  const [, again] = useState(0);
  const goThere = () => {
    if (scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight;
    seen.current = rows.length;
    again((count) => count + 1);
  };
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const look = () => {
      atEnd.current = element.scrollTop + element.clientHeight >= element.scrollHeight - ROW_PX;
    };
    element.addEventListener("scroll", look, { passive: true });
    return () => element.removeEventListener("scroll", look);
  }, [scroller]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    if (follows && atEnd.current && !element.contains(document.activeElement)) element.scrollTop = element.scrollHeight;
    if (atEnd.current || !follows) seen.current = rows.length;
  }, [scroller, rows, rows.length, follows]);
  return { rows: follows && !atEnd.current ? Math.max(0, rows.length - seen.current) : 0, goThere };
}
