/** The treegrid: a window of rows over the open part of the tree, with the keys of the W3C's treegrid pattern. */

import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { focusOnRow, isOurs, taken, viewAround } from "../../dom/events";
import { cellsOf, cellsOfRun, Widths } from "../../rows/column-texts";
import { RunSummaries } from "../../rows/repeats";
import { type GridRow, type Rows, windowOf } from "../../rows/rows";
import { type Axis, percent, placeOn, spanning, type Tick, ticks } from "../../store/time-axis";
import { grouped } from "../../text/format";
import { wholeTime } from "../../view/focused-part";
import { useKept, useNow, usePrinting, useWidth } from "../../view/hooks";
import { ROW_PX } from "../../view/limits";
import { leave, openable, zoomTo } from "../../view/navigation";
import { type Outline, setOpen } from "../../view/use-rows";
import type { View } from "../../view/view";
import { Button } from "../controls/button";
import { useRange } from "./drag-to-zoom";
import { GridHead } from "./grid-head";
import { Edge } from "./height-edge";
import { HoverLine } from "./hover-time";
import { command } from "./letter-keys";
import { RunRow } from "./repeat-row";
import { Seats } from "./row-nodes";
import { type RowProps, SpanRow } from "./span-row";
import { keyed } from "./treegrid-keys";
import { useScroll } from "./use-scroll";

/** Rows on paper, which does not scroll. */
const MOST_PRINTED = 200;
const TICK_PX = 46;
const DOUBLE_CLICK_MS = 250;

export function Grid({ view, outline }: { view: View; outline: Outline }): VNode {
  const { store, reading } = view;
  const { rows, found } = outline;
  const now_ns = useNow(view);
  const whole = wholeTime(view, now_ns);
  const { gaps } = outline;
  const axis: Axis = { ...(reading.zoom ?? whole), ...(gaps && { squeezed: gaps }) };
  const scroller = useRef<HTMLDivElement>(null);
  const [lane, lane_px] = useWidth<HTMLDivElement>();
  const marks = ticks(axis, Math.max(1, Math.floor(lane_px / TICK_PX)), whole.from_ns);
  const active = nearest(rows, reading.active);
  // Its details are likely to be asked for, and take a moment to unpack.
  store.tree.packs.coming(rows.spanAt(active));
  const range = useRange(axis, whole, (zoom) => view.read({ zoom }));

  const printing = usePrinting();
  const sight_px = Math.min(reading.most_rows, rows.length) * ROW_PX;
  const grows = store.isRunning && view.hasKernel();
  const reads = reading.selected !== undefined;
  const scroll = useScroll(scroller, rows, { active, sought: reading.sought, grows, reads, sight_px, printing });
  const unprinted = printing ? Math.max(0, rows.length - MOST_PRINTED) : 0;
  const widths = useRef(new Widths()).current;
  const summaries = useRef(new RunSummaries()).current;
  const [from_px, seen_px] = printing ? [0, MOST_PRINTED * ROW_PX] : [scroll.px, sight_px];
  const indexes = windowOf(rows.length - unprinted, from_px, seen_px, ROW_PX, active, scroll.spare_rows);
  const seats = useRef(new Seats()).current;
  const holdsFocus = scroller.current?.contains(document.activeElement);
  seats.assign(
    indexes.map((index) => rows.idAt(index)),
    holdsFocus,
  );
  useLayoutEffect(() => {
    if (!holdsFocus || document.activeElement !== document.body) return;
    // The row has gone, or its node was moved.
    if (rows.length > 0) reading.active = rows.idAt(active);
    focusOnRow(scroller.current);
  });
  const { selected } = reading;
  const choosing = useRef<ReturnType<typeof setTimeout>>();
  const draw = (index: number): VNode => {
    const row = rows.at(index) as GridRow;
    const { run } = row;
    const sums = run && summaries.of(run, store.isRunning);
    const cells = sums === undefined ? cellsOf(row.node, now_ns) : cellsOfRun(sums);
    widths.fit(cells);
    const chosen = { active: index === active, selected: row.id === selected };
    const props: RowProps = { row, cells, index, now_ns, axis, found, unsettled: store.isRunning, ...chosen };
    return run === undefined || sums === undefined ? (
      <SpanRow key={seats.of(row.id)} {...props} lane_px={lane_px} critical={outline.critical?.get(row.node.span)} />
    ) : (
      <RunRow key={seats.of(row.id)} {...props} run={run} sums={sums} critical={outline.critical} />
    );
  };
  const depends = [
    rows,
    store.tree.version,
    now_ns,
    axis.from_ns,
    axis.to_ns,
    lane_px,
    gaps,
    active,
    selected,
    found,
    outline.critical,
  ];
  const drawn = useKept(indexes, draw, depends);

  const focusSearch = () =>
    requestAnimationFrame(() => viewAround(scroller.current)?.querySelector<HTMLElement>("[type=search]")?.focus());
  const onKeyDown = (event: KeyboardEvent): void => {
    clearTimeout(choosing.current);
    if (isOurs(event) && handle(event)) taken(event);
  };
  const handle = (event: KeyboardEvent): boolean => {
    if (event.key === "Escape") return leave(view);
    const row = rows.at(active);
    if (row === undefined || !(event.target instanceof Element) || event.target.getAttribute("role") !== "row")
      return false;
    const done = event.shiftKey ? undefined : keyed(event.key, rows, active, reading.most_rows);
    if (done === undefined) {
      return (
        reading.letters &&
        command(event.key, { view, outline, row, index: active, now_ns, focus: scroll.focus, focusSearch })
      );
    }
    const to = rows.at(done.index) as GridRow;
    if (done.open !== undefined) setOpen(view, outline, [openable(to)], done.open);
    if (done.select) choose(to);
    else if (done.index !== active) {
      view.read({ active: to.id });
      scroll.focus();
    }
    return true;
  };
  const toggle = (row: GridRow): void => {
    view.read({ active: row.id });
    setOpen(view, outline, [openable(row)], row.open !== true);
  };
  const choose = (row: GridRow): void => {
    if (row.run !== undefined) toggle(row);
    else view.read({ selected: row.id, active: row.id });
  };
  const rowAt = (target: EventTarget | null): GridRow | undefined =>
    rows.at(Number((target as Element).closest("[data-row]")?.getAttribute("data-row") ?? -1));
  const onClick = (event: MouseEvent): void => {
    const row = rowAt(event.target);
    if (row === undefined || range.dragged()) return;
    clearTimeout(choosing.current);
    if (isIn(event, ".lt-twisty-on")) toggle(row);
    else if (event.detail === 0 || selected !== undefined || !isIn(event, ".lt-col-time")) choose(row);
    else {
      view.read({ active: row.id });
      // The details may move the bar from under a second click.
      if (event.detail === 1) choosing.current = setTimeout(() => choose(row), DOUBLE_CLICK_MS);
    }
  };
  const onDblClick = (event: MouseEvent): void => {
    const row = rowAt(event.target);
    if (row !== undefined && isIn(event, ".lt-col-time")) zoomTo(view, row, now_ns);
  };

  return (
    <div class="lt-part lt-window">
      <div
        class={`lt-grid ${rows.flat ? "lt-flat" : ""} ${widths.without}`}
        style={widths.style}
        role="treegrid"
        ref={scroller}
        aria-label={`LLM trace, cell [${store.cell.label}]`}
        aria-description="? lists the keys, F6 goes to the next part"
        aria-rowcount={rows.length + 1}
        onScroll={scroll.onScroll}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onDblClick={onDblClick}
        onPointerDown={range.onPointerDown}
      >
        <GridHead view={view} axis={axis} zero_ns={whole.from_ns} marks={marks} lane={lane} lane_px={lane_px} />
        <div role="rowgroup" class="lt-rows" style={{ height: `${(rows.length - unprinted) * ROW_PX}px` }}>
          <Lines axis={axis} marks={marks} now_ns={store.isRunning ? now_ns : undefined} drag={range.drag} />
          {drawn}
        </div>
      </div>
      {rows.length === 0 && <p class="lt-note">No span matches. Esc in the search clears it.</p>}
      <Edge view={view} rows={rows.length} />
      {unprinted > 0 && <p class="lt-note">{grouped(unprinted)} more rows</p>}
      {scroll.ahead > 0 && (
        <Button kind="lt-ahead" tabIndex={-1} onClick={scroll.goToEnd}>
          ↓ {scroll.ahead} more
        </Button>
      )}
    </div>
  );
}

/** The row that is active: the one with the id, or that of the innermost span around it which has one. */
function nearest(rows: Rows, id: string | undefined): number {
  const { spans } = rows.tree;
  let index = rows.indexOf(id);
  for (let span = spans.ids.find(id ?? ""); index === -1 && span !== -1; span = rows.tree.parent(span)) {
    index = rows.indexOfSpan(span);
  }
  return Math.max(0, index);
}

const isIn = ({ target }: Event, selector: string): boolean => (target as Element).closest(selector) !== null;

/** Behind the rows: the ticks, the moment now, the range that is being dragged. */
function Lines(props: {
  axis: Axis;
  marks: readonly Tick[];
  now_ns: number | undefined;
  drag: Axis | undefined;
}): VNode {
  const { axis, marks, now_ns, drag } = props;
  return (
    <div class="lt-lines lt-cols" aria-hidden>
      <div class="lt-col-time">
        <div class="lt-axis">
          {marks.map(
            (mark) =>
              mark.at_ns > axis.from_ns && <i key={mark.at_ns} style={{ left: percent(placeOn(axis, mark.at_ns)) }} />,
          )}
          {now_ns !== undefined && now_ns <= axis.to_ns && (
            <i class="lt-now" style={{ left: percent(placeOn(axis, now_ns)) }} />
          )}
          {axis.squeezed?.map((gap) => (
            <i key={gap.from_ns} class="lt-gap" style={spanning(axis, gap)} />
          ))}
          <HoverLine />
          {drag !== undefined && <i class="lt-range" style={spanning(axis, drag)} />}
        </div>
      </div>
    </div>
  );
}
