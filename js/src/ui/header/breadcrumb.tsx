/** The part of the tree that the reader has gone into, and the way back. */

import type { VNode } from "preact";
import { focusPath } from "../../view/focused-part";
import type { View } from "../../view/view";
import { Button } from "../controls/button";
import { Sign } from "../controls/sign";

export function Breadcrumb({ view }: { view: View }): VNode | null {
  const path = focusPath(view);
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
