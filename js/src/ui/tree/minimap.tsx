/** The whole trace on a strip: what ran when, and what failed. Dragging over it zooms, a double click ends that. */

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { FAILED } from "../../store/spans";
import { type Axis, percent, placeOn } from "../../store/time-axis";
import { ROOT, type Tree } from "../../store/tree";
import { wholeTime } from "../../view/focused-part";
import { useNow, useWidth } from "../../view/hooks";
import type { View } from "../../view/view";
import { kindOf } from "../controls/span-type";
import { useRange } from "./drag-to-zoom";
import { Handles } from "./minimap-handles";

const HEIGHT_PX = 24;
const LANES = 8;
/** The lane of failures, below all others. */
const FAILURES_PX = 5;
/** Up to so many spans the bars themselves are the overview, where there is room for them. */
const MAPPED_FROM = 16;
/** While a trace runs, the strip is drawn anew no more often than this. */
const EVERY_MS = 500;

export function Minimap({ view }: { view: View }): VNode {
  const { store, reading } = view;
  const now_ns = useNow(view);
  const whole = wholeTime(view, now_ns);
  const [strip, width_px] = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef({ at_ms: 0, key: "" });
  const range = useRange(whole, whole, (zoom) => view.read({ zoom }));
  // After the rows, which one waits for: it goes through all spans.
  useEffect(() => {
    const key = `${store.tree.version} ${whole.from_ns} ${whole.to_ns} ${width_px}`;
    const due = !store.isRunning || performance.now() - drawn.current.at_ms > EVERY_MS;
    if (canvas.current === null || width_px === 0 || key === drawn.current.key || !due) return;
    drawn.current = { at_ms: performance.now(), key };
    draw(canvas.current, store.tree, whole, width_px, now_ns);
  });
  const zoom = range.drag ?? reading.zoom;
  return (
    <div
      class={`lt-part lt-minimap ${store.tree.size > MAPPED_FROM ? "" : "lt-few"}`}
      role="group"
      aria-label="Time in sight"
      onPointerDown={range.onPointerDown}
      onDblClick={() => view.read({ zoom: undefined })}
    >
      <div class="lt-axis" ref={strip}>
        <canvas ref={canvas} style={{ width: "100%", height: `${HEIGHT_PX}px` }} />
        {zoom !== undefined && (
          <>
            <i class="lt-outside" style={{ left: 0, width: percent(placeOn(whole, zoom.from_ns)) }} />
            <i class="lt-outside" style={{ left: percent(placeOn(whole, zoom.to_ns)), right: 0 }} />
          </>
        )}
        <Handles whole={whole} inSight={zoom ?? whole} zoom={(range) => view.read({ zoom: range })} />
      </div>
    </div>
  );
}

/** Each level of the tree has a lane, the deepest share the last; below them stands what failed, where it began. */
function draw(canvas: HTMLCanvasElement, tree: Tree, axis: Axis, width_px: number, now_ns: number): void {
  const scale = devicePixelRatio;
  const columns = Math.max(1, Math.round(width_px * scale));
  const { spans } = tree;
  const kinds: string[] = [""];
  const kindAt = new Map<number, number>();
  const cells = new Uint8Array(columns * LANES);
  const failures = new Set<number>();
  const indexOf = (type: number): number => {
    let index = kindAt.get(type);
    if (index === undefined) {
      const kind = kindOf(spans.texts.at(type) ?? "");
      index = kinds.includes(kind) ? kinds.indexOf(kind) : kinds.push(kind) - 1;
      kindAt.set(type, index);
    }
    return index;
  };
  let deepest = 0;
  const columnOf = (at_ns: number): number => {
    const part = (at_ns - axis.from_ns) / (axis.to_ns - axis.from_ns);
    return Math.floor(Math.min(1, Math.max(0, part)) * (columns - 1));
  };
  const parents = tree.parents();
  // The lane below each span's, the root's first.
  const below = new Uint8Array(tree.size + 1);
  for (const span of tree.order()) {
    const lane = below[(parents[span] ?? ROOT) + 1] as number;
    below[span + 1] = Math.min(lane + 1, LANES - 1);
    deepest = Math.max(deepest, lane);
    const from = columnOf(spans.start_ns.get(span));
    const to = columnOf(spans.end(span, now_ns));
    const kind = indexOf(spans.type.get(span));
    const at = lane * columns;
    if (from === to) cells[at + from] = kind;
    else cells.fill(kind, at + from, at + to + 1);
    if (spans.status.get(span) === FAILED) failures.add(from);
  }
  canvas.width = columns;
  canvas.height = HEIGHT_PX * scale;
  const context = canvas.getContext("2d");
  if (context === null) return;
  const colours = kinds.map((kind) => colourOf(canvas, kind));
  const lanes = Math.max(3, deepest + 1);
  const lane_px = (canvas.height - FAILURES_PX * scale) / lanes;
  for (let lane = 0; lane < lanes; lane++) {
    for (let from = 0, to = 0; from < columns; from = to) {
      const index = cells[lane * columns + from] as number;
      for (to = from + 1; to < columns && cells[lane * columns + to] === index; ) to++;
      if (index === 0) continue;
      context.fillStyle = colours[index] as string;
      context.fillRect(from, lane * lane_px, to - from, Math.max(1, lane_px - 1));
    }
  }
  context.fillStyle = colourOf(canvas, "failed");
  for (const column of failures) {
    context.fillRect(column, canvas.height - FAILURES_PX * scale, 2 * scale, FAILURES_PX * scale);
  }
}

/** A kind's colour as the style sheet has it here, in a form that a canvas takes. */
function colourOf(canvas: HTMLCanvasElement, kind: string): string {
  canvas.style.color = `var(--lt-${kind})`;
  return getComputedStyle(canvas).color;
}
