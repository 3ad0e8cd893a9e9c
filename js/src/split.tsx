/** The bar between the grid and the details where they stand side by side: dragged, or moved by the arrow keys. */

import type { VNode } from "preact";
import { grasped, taken } from "./events";
import type { View } from "./view";

/** What the grid has of the width, in percent. */
export const SPLIT = { least: 25, usual: 45, most: 75, step: 2 };

export function Splitter({ view }: { view: View }): VNode {
  const { split } = view.reading;
  const move = (percent: number) =>
    view.read({ split: Math.min(SPLIT.most, Math.max(SPLIT.least, Math.round(percent * 10) / 10)) });
  const onKeyDown = (event: KeyboardEvent) => {
    const to: Record<string, number> = {
      ArrowLeft: split - SPLIT.step,
      ArrowRight: split + SPLIT.step,
      Home: SPLIT.least,
      End: SPLIT.most,
    };
    const percent = to[event.key];
    if (percent === undefined) return;
    taken(event);
    move(percent);
  };
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
      onKeyDown={onKeyDown}
      {...grasped(
        (bar) => bar.closest(".lt-body"),
        (across) => move(across * 100),
      )}
      onDblClick={() => move(SPLIT.usual)}
    />
  );
}
