/** The treegrid: a window of rows over the open part of the tree, with the keys of the W3C's treegrid pattern. */

import type { VNode } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { cellsOf, Widths } from "./columns";
import { useNow, useWidth } from "./hooks";
import { keyed } from "./keys";
import { SpanRow } from "./row";
import { type GridRow, gridRows, openByDefault, windowOf } from "./rows";
import { runningEnd_ns, ticks } from "./timescale";
import type { View } from "./view";

export const ROW_PX = 26;
/** Rows in sight before the grid scrolls. */
const MOST_ROWS = 16;
const TICK_PX = 52;
/** Of a tick's label: the width of a character, and what is left of the axis for it beyond its end. */
const CHARACTER_PX = 6.5;
const MARGIN_PX = 6;

export function Grid({ view }: { view: View }): VNode {
  const { store, reading } = view;
  const now_ns = useNow(view);
  store.tree.settle();
  const rows = useRows(view);
  const [axis, axis_px] = useWidth<HTMLDivElement>();
  const scroller = useRef<HTMLDivElement>(null);
  const [scroll_px, setScroll] = useState(0);
  useAnchor(scroller, rows);

  const active = Math.max(0, rows.index.get(reading.active ?? "") ?? 0);
  const focusActive = useFocus(scroller, active, reading.active);
  const end_ns = store.running ? runningEnd_ns(now_ns) : now_ns;
  const marks = ticks(end_ns, Math.max(1, Math.floor(axis_px / TICK_PX)));
  const height_px = Math.min(MOST_ROWS, rows.list.length) * ROW_PX;
  const widths = useRef(new Widths()).current;
  const drawn = windowOf(rows.list.length, scroll_px, height_px, ROW_PX, active).map((index) => {
    const row = rows.list[index] as GridRow;
    const cells = cellsOf(row.node, now_ns);
    widths.fit(cells);
    return { row, index, cells };
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    const action =
      event.target instanceof Element && event.target.getAttribute("role") === "row" && !hasModifier(event);
    const done = action ? keyed(event.key, rows.list, active, MOST_ROWS) : undefined;
    if (event.key === "Escape" && reading.selected !== undefined) {
      event.stopPropagation();
      view.read({ selected: undefined });
    }
    if (done === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const node = rows.list[done.index]?.node;
    if (node === undefined) return;
    if (done.open !== undefined) view.read({ opened: reading.opened.set(node.id, done.open) });
    if (done.select) view.read({ selected: node.id, active: node.id });
    else if (done.index !== active) {
      view.read({ active: node.id });
      focusActive();
    }
  };

  const onClick = (event: MouseEvent): void => {
    const target = event.target as Element;
    const id = target.closest<HTMLElement>("[data-span-id]")?.dataset.spanId;
    if (id === undefined) return;
    if (target.closest(".lt-twisty-on") === null) view.read({ selected: id, active: id });
    else view.read({ opened: reading.opened.set(id, reading.opened.get(id) !== true), active: id });
  };

  return (
    <div
      class={rows.flat ? "lt-grid lt-flat" : "lt-grid"}
      role="treegrid"
      style={widths.style}
      ref={scroller}
      aria-label={`LLM trace, cell [${store.cell.label}]`}
      aria-rowcount={rows.list.length + 1}
      onScroll={(event) => setScroll(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <div role="rowgroup" class="lt-head">
        <div role="row" class="lt-cols" aria-rowindex={1}>
          <div role="columnheader">Span</div>
          <div role="columnheader" class="lt-num">
            Duration
          </div>
          <div role="columnheader" class="lt-num lt-col-tokens">
            Tokens
          </div>
          <div role="columnheader" class="lt-num lt-col-cost">
            Cost
          </div>
          <div role="columnheader" class="lt-col-time">
            <span class="lt-unseen">Time</span>
            <div class="lt-axis" ref={axis} aria-hidden="true">
              {marks
                .filter((mark) => (1 - mark.at_ns / end_ns) * axis_px + MARGIN_PX > mark.label.length * CHARACTER_PX)
                .map((mark) => (
                  <span key={mark.at_ns} style={{ left: percent(mark.at_ns / end_ns) }}>
                    {mark.label}
                  </span>
                ))}
            </div>
          </div>
        </div>
      </div>
      <div role="rowgroup" class="lt-rows" style={{ height: `${rows.list.length * ROW_PX}px` }}>
        <div class="lt-lines lt-cols" aria-hidden="true">
          <div class="lt-col-time">
            <div class="lt-axis">
              {marks.slice(1).map((mark) => (
                <i key={mark.at_ns} style={{ left: percent(mark.at_ns / end_ns) }} />
              ))}
              {store.running && <i class="lt-now" style={{ left: percent(now_ns / end_ns) }} />}
            </div>
          </div>
        </div>
        {drawn.map(({ row, index, cells }) => (
          <SpanRow
            key={row.node.id}
            row={row}
            cells={cells}
            index={index}
            now_ns={now_ns}
            axis_ns={end_ns}
            active={index === active}
            selected={row.node.id === reading.selected}
          />
        ))}
      </div>
    </div>
  );
}

const percent = (part: number): string => `${(part * 100).toFixed(3)}%`;

const hasModifier = (event: KeyboardEvent): boolean => event.ctrlKey || event.altKey || event.metaKey || event.shiftKey;

interface Rows {
  readonly list: readonly GridRow[];
  /** No span has children. */
  readonly flat: boolean;
  readonly index: ReadonlyMap<string, number>;
}

function useRows({ store: { tree }, reading }: View): Rows {
  return useMemo(() => {
    openByDefault(tree.roots, reading.opened);
    const list = gridRows(tree.roots, reading.opened);
    const flat = list.every((row) => row.open === undefined);
    return { list, flat, index: new Map(list.map((row, index) => [row.node.id, index])) };
  }, [tree, tree.shape, reading.turn]);
}

/** Keeps the topmost row in sight where it is when rows come above it. */
function useAnchor(scroller: { current: HTMLDivElement | null }, rows: Rows): void {
  const before = useRef<Rows>(rows);
  useLayoutEffect(() => {
    const element = scroller.current;
    const old = before.current;
    before.current = rows;
    if (element === null || old === rows || element.scrollTop < ROW_PX) return;
    const top = Math.floor(element.scrollTop / ROW_PX);
    const id = old.list[top]?.node.id;
    const now = id === undefined ? undefined : rows.index.get(id);
    if (now !== undefined && now !== top) element.scrollTop += (now - top) * ROW_PX;
  }, [scroller, rows]);
}

/** A function that brings the active row into the grid's sight and focuses it, once it has been drawn. */
function useFocus(scroller: { current: HTMLDivElement | null }, active: number, id: string | undefined): () => void {
  const wanted = useRef(false);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!wanted.current || element === null || id === undefined) return;
    wanted.current = false;
    const top_px = active * ROW_PX;
    const room_px = element.clientHeight - ROW_PX;
    if (top_px < element.scrollTop) element.scrollTop = top_px;
    else if (top_px + ROW_PX > element.scrollTop + room_px) element.scrollTop = top_px + ROW_PX - room_px;
    element.querySelector<HTMLElement>('[role="row"][tabindex="0"]')?.focus({ preventScroll: true });
  });
  return () => {
    wanted.current = true;
  };
}
