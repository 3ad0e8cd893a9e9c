/** The part of the tree that the reader has gone into, and the way back. */

import type { VNode } from "preact";
import type { SpanNode } from "../../store/span-node";
import { type Axis, runningEnd_ns } from "../../store/time-axis";
import type { View } from "../../view/view";
import { Button } from "../controls/button";
import { Sign } from "../controls/sign";

/** The spans that were gone into, from the outermost in, as far as they are still there. */
function entered({ store, reading }: View): SpanNode[] {
  return reading.focus.map((id) => store.tree.get(id)).filter((node) => node !== undefined);
}

/** The span that stands at the top; undefined when all of the trace is shown. */
export const focusOf = (view: View): SpanNode | undefined => entered(view).at(-1);

/** All the time that there is to show. */
export function wholeOf(view: View, now_ns: number): Axis {
  const row = focusOf(view)?.row;
  const end_ns = view.store.isRunning && row?.end_ns === undefined ? runningEnd_ns(now_ns) : (row?.end_ns ?? now_ns);
  const from_ns = row?.start_ns ?? 0;
  return { from_ns, to_ns: Math.max(from_ns + 1, end_ns) };
}

export function Breadcrumb({ view }: { view: View }): VNode | null {
  const path = entered(view);
  if (path.length === 0) return null;
  const back = (count: number) => view.read({ focus: view.reading.focus.slice(0, count), zoom: undefined });
  return (
    <nav class="lt-breadcrumb" aria-label="Part of the trace">
      <Button kind="lt-link" title="Back to all of the trace (Esc)" onClick={() => back(0)}>
        all spans
      </Button>
      {path.map((node, index) => (
        <>
          <Sign>›</Sign>
          {index === path.length - 1 ? (
            <b aria-current="true">{node.row.name}</b>
          ) : (
            <Button kind="lt-link" onClick={() => back(index + 1)}>
              {node.row.name}
            </Button>
          )}
        </>
      ))}
    </nav>
  );
}
