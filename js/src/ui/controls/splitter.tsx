/** The bar between the grid and the details where they stand side by side: dragged, or moved by the arrow keys. */

import type { VNode } from "preact";
import { grasped, stepped } from "../../dom/events";
import type { View } from "../../view/view";

/** What the grid has of the width, in percent. */
export const SPLIT = { least: 25, usual: 45, most: 75 };

export function Splitter({ view }: { view: View }): VNode {
  const { split } = view.reading;
  const move = (percent: number) =>
    view.read({ split: Math.min(SPLIT.most, Math.max(SPLIT.least, Math.round(percent * 10) / 10)) });
  return (
    <div
      role="separator"
      class="lt-splitter"
      aria-orientation="vertical"
      aria-label="Width of the tree"
      aria-valuemin={SPLIT.least}
      aria-valuemax={SPLIT.most}
      aria-valuenow={Math.round(split)}
      tabIndex={0}
      title="Drag, or use the arrow keys"
      onKeyDown={stepped((part) => move(split + 200 * part))}
      {...grasped(
        (bar) => bar.closest(".lt-body"),
        (across) => move(across * 100),
      )}
      onDblClick={() => move(SPLIT.usual)}
    />
  );
}
