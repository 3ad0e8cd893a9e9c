/** The grid's scroll offset, told before the rows are drawn: those that will be in sight are drawn at once, and once. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { focusOnRow } from "../../dom/events";
import type { Rows } from "../../rows/rows";
import { ROW_PX } from "../../view/limits";

interface Sight {
  readonly active: number;
  /** Grows whenever the active row is to be brought into sight. */
  readonly sought: number;
  /** Whether more rows are to come. */
  readonly grows: boolean;
  /** Whether what stands there is read: then the end is not kept in sight for who has it in sight. */
  readonly reads: boolean;
  /** How much of the rows can be seen. */
  readonly sight_px: number;
  /** On paper nothing scrolls; after it all is as it was. */
  readonly printing: boolean;
}

/** Rows to draw above and below those in sight; and how long after others have come into sight than before. */
const SPARE_ROWS = 6;
const SPARED_MS = 50;

interface Scroll {
  readonly px: number;
  /** How many rows above and below those in sight are to be drawn. */
  readonly spare_rows: number;
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
  { active, sought, grows, reads, sight_px, printing }: Sight,
): Scroll {
  const [, again] = useState({});
  const [spared, spare] = useState<Rows>();
  const first = {
    px: 0,
    top: 0,
    id: "",
    sought,
    atEnd: true,
    seen: 0,
    focuses: false,
    goesToEnd: false,
    pending: false,
  };
  const now = useRef(first).current;
  const end_px = Math.max(0, rows.length * ROW_PX - sight_px);
  const isAtEnd = () => now.px >= end_px - 1;
  const before_px = now.px;
  if (now.top > 0 && rows.idAt(now.top) !== now.id) {
    const index = rows.indexOf(now.id);
    if (index >= 0) now.px += (index - now.top) * ROW_PX;
  }
  const follows = grows && !reads && !scroller.current?.contains(document.activeElement);
  if (now.goesToEnd || (follows && now.atEnd)) now.px = end_px;
  if (now.focuses || now.sought !== sought) {
    const top_px = active * ROW_PX;
    now.px = Math.min(top_px, Math.max(now.px, top_px + ROW_PX - sight_px));
    now.atEnd = isAtEnd();
  }
  now.px = Math.min(now.px, end_px);
  if (isAtEnd() || !grows) now.seen = rows.length;
  now.top = Math.floor(now.px / ROW_PX);
  now.id = rows.idAt(now.top);
  now.sought = sought;
  now.goesToEnd = false;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    if (now.px !== before_px || now.pending) {
      element.scrollTop = now.px;
      // A place that is out of the page or hidden takes no offset; it gets it when the view gets its width.
      now.pending = Math.abs(element.scrollTop - now.px) >= 1;
    }
    now.pending ||= printing;
    if (now.focuses) focusOnRow(element);
    now.focuses = false;
  });
  useEffect(() => {
    const timer = setTimeout(() => spare(rows), SPARED_MS);
    return () => clearTimeout(timer);
  }, [rows, spared, now.px]);
  return {
    px: now.px,
    spare_rows: spared === rows ? SPARE_ROWS : 1,
    onScroll({ currentTarget }) {
      if (printing) return;
      const { px } = now;
      now.px = currentTarget.scrollTop;
      now.atEnd = isAtEnd();
      if (now.px !== px) again({});
      if (Math.abs(now.px - px) > sight_px) spare(undefined);
    },
    focus() {
      now.focuses = true;
    },
    ahead: Math.max(0, rows.length - now.seen),
    goToEnd() {
      now.goesToEnd = true;
      again({});
    },
  };
}
