/** How many rows of the tree are in sight before it scrolls; the browser remembers it for each notebook, the file does not. */

import type { VNode } from "preact";
import { grasped } from "../../dom/events";
import { ROW_PX, ROWS_IN_SIGHT } from "../../view/limits";
import type { View } from "../../view/view";

/** The headings stand above the rows. */
const HEAD_PX = 24;

/** The height of the tree, in px before the page's zoom. */
const height_px = (rows: number): number => HEAD_PX + rows * ROW_PX;

/** The edge below a tree of so many rows, which is dragged; its keys are the tree's. */
export function Edge({ view, rows }: { view: View; rows: number }): VNode {
  const { most_rows } = view.reading;
  const drag = (down: number) => view.resize((down * height_px(Math.min(rows, most_rows)) - HEAD_PX) / ROW_PX);
  return (
    <div
      role="separator"
      class="lt-edge"
      aria-orientation="horizontal"
      aria-label="Height of the tree"
      aria-valuemin={ROWS_IN_SIGHT.least}
      aria-valuemax={ROWS_IN_SIGHT.most}
      aria-valuenow={most_rows}
      tabIndex={-1}
      title="Drag, or use > and < in the tree"
      {...grasped(
        (edge) => edge.previousElementSibling,
        (_, down) => drag(down),
      )}
      onDblClick={() => view.resize(ROWS_IN_SIGHT.usual)}
    />
  );
}
