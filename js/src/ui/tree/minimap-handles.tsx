/** The two ends of the time in sight, on the minimap: dragged, or moved by the arrow keys. */

import type { VNode } from "preact";
import { grasped, stepped } from "../../dom/events";
import { type Axis, percent, placeOn, timeAt, within } from "../../store/time-axis";
import { duration } from "../../text/format";

interface HandlesProps {
  whole: Axis;
  inSight: Axis;
  zoom: (range: Axis | undefined) => void;
}

export function Handles({ whole, inSight, zoom }: HandlesProps): VNode {
  return (
    <>
      {(["from_ns", "to_ns"] as const).map((end, index) => {
        const isLast = index === 1;
        const at = placeOn(whole, inSight[end]);
        const move = (part: number) => {
          const at_ns = timeAt(whole, Math.min(1, Math.max(0, part)));
          const crossed = isLast ? at_ns <= inSight.from_ns : at_ns >= inSight.to_ns;
          if (!crossed) zoom(within({ ...inSight, [end]: at_ns }, whole));
        };
        return (
          <div
            key={end}
            role="slider"
            class="lt-handle"
            tabIndex={0}
            aria-label={isLast ? "Last moment in sight" : "First moment in sight"}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(at * 100)}
            aria-valuetext={duration(inSight[end] - whole.from_ns)}
            style={{ left: percent(at) }}
            onKeyDown={stepped((part) => move(at + part))}
            {...grasped((handle) => handle.parentElement, move)}
          />
        );
      })}
    </>
  );
}
