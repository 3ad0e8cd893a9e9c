/** The two ends of the time in sight, on the minimap: dragged, or moved by the arrow keys. */

import type { VNode } from "preact";
import { grasped, stepped } from "./events";
import { duration } from "./format";
import { type Axis, percent, placeOn, timeAt, within } from "./timescale";

interface HandlesProps {
  whole: Axis;
  inSight: Axis;
  zoom: (range: Axis | undefined) => void;
}

export function Handles({ whole, inSight, zoom }: HandlesProps): VNode {
  return (
    <>
      {(["start_ns", "end_ns"] as const).map((end) => {
        const at = placeOn(whole, inSight[end]);
        const move = (part: number) => {
          const at_ns = timeAt(whole, Math.min(1, Math.max(0, part)));
          const other_ns = end === "start_ns" ? inSight.end_ns : inSight.start_ns;
          const crossed = end === "start_ns" ? at_ns >= other_ns : at_ns <= other_ns;
          if (!crossed) zoom(within({ ...inSight, [end]: at_ns }, whole));
        };
        return (
          <div
            key={end}
            role="slider"
            class="lt-handle"
            tabIndex={0}
            aria-label={end === "start_ns" ? "First moment in sight" : "Last moment in sight"}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(at * 100)}
            aria-valuetext={duration(inSight[end] - whole.start_ns)}
            style={{ left: percent(at) }}
            onKeyDown={stepped((part) => move(at + part))}
            {...grasped((handle) => handle.parentElement, move)}
          />
        );
      })}
    </>
  );
}
