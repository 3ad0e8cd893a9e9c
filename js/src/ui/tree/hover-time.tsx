/** The moment under the pointer: a line over the bars, and when that was, in the head. */

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { boxOf } from "../../dom/events";
import { type Axis, percent, timeAt } from "../../store/time-axis";
import { clockTime, duration } from "../../text/format";

/** Where the pointer is on the time axis of the grid around `element`, from 0 to 1. */
function useHover(element: { readonly current: HTMLElement | null }): number | undefined {
  const [part, setPart] = useState<number>();
  useEffect(() => {
    const grid = element.current?.closest('[role="treegrid"]');
    const axis = element.current?.closest(".lt-axis");
    if (!grid || !axis) return;
    const stop = new AbortController();
    const listen = (name: string, heard: (event: MouseEvent) => void) =>
      grid.addEventListener(name, heard as EventListener, { signal: stop.signal, passive: true });
    listen("pointermove", ({ clientX }) => {
      const { left, width } = boxOf(axis);
      const at = (clientX - left) / width;
      setPart(at >= 0 && at <= 1 ? at : undefined);
    });
    listen("pointerleave", () => setPart(undefined));
    return () => stop.abort();
  }, [element]);
  return part;
}

export function HoverLine(): VNode {
  const element = useRef<HTMLElement>(null);
  const part = useHover(element);
  return <i ref={element} class="lt-hover" hidden={part === undefined} style={{ left: percent(part ?? 0) }} />;
}

/** `origin_ms` is when the trace began, by the clock. */
export function HoverTime({ axis, zero_ns, origin_ms }: { axis: Axis; zero_ns: number; origin_ms: number }): VNode {
  const element = useRef<HTMLElement>(null);
  const part = useHover(element);
  const at_ns = timeAt(axis, part ?? 0);
  const style = (part ?? 0) < 0.5 ? { left: percent(part ?? 0) } : { right: percent(1 - (part ?? 0)) };
  return (
    <b ref={element} class="lt-hover-time" hidden={part === undefined} style={style}>
      {duration(at_ns - zero_ns)} <small>{clockTime(origin_ms + at_ns / 1e6)}</small>
    </b>
  );
}
