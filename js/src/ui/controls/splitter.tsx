/** The bar between the grid and the details where they stand side by side: dragged, or moved by the arrow keys. */

import type { VNode } from "preact";
import { grasped, stepped } from "../../dom/events";
import { boundedSplit, SPLIT_PERCENT } from "../../view/limits";
import type { View } from "../../view/view";

export function Splitter({ view }: { view: View }): VNode {
  const { split } = view.reading;
  const move = (percent: number) => view.read({ split: boundedSplit(percent) });
  return (
    <div
      role="separator"
      class="lt-splitter"
      aria-orientation="vertical"
      aria-label="Width of the tree"
      aria-valuemin={SPLIT_PERCENT.least}
      aria-valuemax={SPLIT_PERCENT.most}
      aria-valuenow={Math.round(split)}
      tabIndex={0}
      title="Drag, or use the arrow keys"
      onKeyDown={stepped((part) => move(split + 200 * part))}
      {...grasped(
        (bar) => bar.closest(".lt-body"),
        (across) => move(across * 100),
      )}
      onDblClick={() => move(SPLIT_PERCENT.usual)}
    />
  );
}
