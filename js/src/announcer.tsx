/** What a screen reader hears: seldom while the trace runs, and once how it ended. */

import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import * as format from "./format";
import { useNow } from "./hooks";
import type { View } from "./view";

const EVERY_NS = 5e9;

export function Announcer({ view }: { view: View }): VNode {
  const now_ns = useNow(view);
  const said = useRef({ at_ns: now_ns, text: "", running: view.store.isRunning });
  const { isRunning: running, summary } = view.store;
  const ended = said.current.running && !running;
  if (summary !== undefined && (ended || (running && now_ns - said.current.at_ns >= EVERY_NS))) {
    said.current = { at_ns: now_ns, text: sentence(view, now_ns), running };
  }
  said.current.running = running;
  return (
    <div class="lt-unseen" aria-live="polite">
      {view.reading.said ?? said.current.text}
    </div>
  );
}

function sentence({ store: { summary } }: View, now_ns: number): string {
  if (summary === undefined) return "";
  const counts = [format.counted(summary.spans, "span"), format.counted(summary.calls, "LLM call")];
  if (summary.errors > 0) counts.push(format.counted(summary.errors, "error"));
  const state = { running: "LLM trace running", ok: "LLM trace done", error: "LLM trace failed" }[summary.state];
  return `${state}: ${counts.join(", ")}, ${format.duration(summary.duration_ns ?? now_ns)}`;
}
