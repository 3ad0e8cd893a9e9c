/** What a screen reader hears: what a key has come to, seldom how far the trace is while it runs, and once how it ended. */

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import * as format from "../../text/format";
import { useNow } from "../../view/hooks";
import type { View } from "../../view/view";

const EVERY_NS = 5e9;
/** How long what a key has come to can be seen, too. */
const SEEN_MS = 6000;

export function Announcer({ view }: { view: View }): VNode {
  const now_ns = useNow(view);
  const { isRunning: running, summary } = view.store;
  const { said } = view.reading;
  const last = useRef({ at_ns: now_ns, text: "", running, said }).current;
  const announce = (text: string) => Object.assign(last, { at_ns: now_ns, text });
  if (said !== undefined && said !== last.said) announce(said);
  if (summary !== undefined && last.running && (!running || now_ns - last.at_ns >= EVERY_NS)) {
    announce(sentence(view, now_ns));
  }
  Object.assign(last, { running, said });
  useEffect(() => {
    if (said === undefined) return;
    const timer = setTimeout(view.read, SEEN_MS, { said: undefined });
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <div class={said === last.text ? "lt-toast" : "lt-unseen"} aria-live="polite">
      {last.text}
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
