/** What ties components to a view and to the clock. */

import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import type { View } from "./view";

/** Draws the component again whenever the view changed. */
export function useView(view: View): void {
  const [, again] = useReducer<number, void>((count) => count + 1, 0);
  // Not an effect, which runs only after the page was painted: what comes until then would not be drawn.
  useLayoutEffect(() => view.watch(() => again()), [view]);
}

/** The moment the trace has come to, nanoseconds after its origin: by the clock while it runs, else where it ended. */
export function useNow(view: View): number {
  const { store } = view;
  const [, again] = useReducer<number, void>((count) => count + 1, 0);
  const { paused_ns } = view.reading;
  const running = store.isRunning && view.hasKernel() && paused_ns === undefined;
  useEffect(() => {
    if (!running) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const timer = setInterval(() => !document.hidden && view.inSight && again(), calm ? 1000 : 100);
    return () => clearInterval(timer);
  }, [running]);
  if (paused_ns !== undefined) return paused_ns;
  return running ? Math.max(store.last_ns, store.clock.now_ns(Date.now())) : endOf(view);
}

function endOf({ store }: View): number {
  return Math.max(store.last_ns, store.summary?.duration_ns ?? 0);
}

/** Whether the page is drawn for a printer. */
export function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const printer = matchMedia("print");
    const changed = () => setPrinting(printer.matches);
    printer.addEventListener("change", changed);
    return () => printer.removeEventListener("change", changed);
  }, []);
  return printing;
}

/** The width of an element in px, 0 before it is laid out. */
export function useWidth<E extends Element>(): [{ current: E | null }, number] {
  const element = useRef<E>(null);
  const [width_px, setWidth] = useState(0);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width_px];
}

/** What `draw` makes of each index, kept as long as nothing changes that it depends on: Preact passes over nodes it knows. */
export function useKept(
  indexes: readonly number[],
  draw: (index: number) => VNode,
  depends: readonly unknown[],
): VNode[] {
  const kept = useRef({ depends, nodes: new Map<number, VNode>() });
  const before = depends.every((each, at) => each === kept.current.depends[at]) ? kept.current.nodes : undefined;
  const nodes = new Map(indexes.map((index) => [index, before?.get(index) ?? draw(index)]));
  kept.current = { depends, nodes };
  return [...nodes.values()];
}
