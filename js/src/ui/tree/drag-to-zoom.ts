/** Dragging over the waterfall: the range that it goes over, to zoom to. */

import { useRef, useState } from "preact/hooks";
import { boxOf } from "../../dom/events";
import { type Axis, timeAt, within } from "../../store/time-axis";

const LEAST_PX = 6;

export interface Dragging {
  /** What has been dragged over so far. */
  readonly drag: Axis | undefined;
  readonly onPointerDown: (event: PointerEvent) => void;
  /** Whether the click that comes now ends a drag. */
  readonly dragged: () => boolean;
}

/** `zoom` is called with the range, or with nothing when that is the whole. */
export function useRange(axis: Axis, whole: Axis, zoom: (range: Axis | undefined) => void): Dragging {
  const [drag, setDrag] = useState<Axis>();
  const ended = useRef(false);
  const onPointerDown = (event: PointerEvent): void => {
    ended.current = false;
    const lane = (event.target as Element).closest(".lt-col-time, .lt-minimap")?.querySelector(".lt-axis");
    if (!lane || event.button !== 0) return;
    const { left, width } = boxOf(lane);
    const time_ns = (x: number) => timeAt(axis, Math.min(1, Math.max(0, (x - left) / width)));
    const from = event.clientX;
    const rangeTo = (x: number): Axis | undefined =>
      Math.abs(x - from) < LEAST_PX
        ? undefined
        : { from_ns: Math.min(time_ns(from), time_ns(x)), to_ns: Math.max(time_ns(from), time_ns(x)) };
    const stop = new AbortController();
    const { signal } = stop;
    addEventListener("pointermove", (moved) => setDrag(rangeTo(moved.clientX)), { signal });
    const end = () => {
      stop.abort();
      setDrag(undefined);
    };
    addEventListener("pointercancel", end, { signal });
    addEventListener(
      "pointerup",
      (up) => {
        end();
        const range = rangeTo(up.clientX);
        ended.current = range !== undefined;
        if (range !== undefined) zoom(within(range, whole));
      },
      { signal },
    );
  };
  return { drag, onPointerDown, dragged: () => ended.current };
}
