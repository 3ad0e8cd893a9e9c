/**
 * The bar of a span: solid where it runs by itself, pale where its children do, paler until the first token, open-ended
 * while it runs. Its duration stands beside it, or before it where there is no room behind.
 */

import type { VNode } from "preact";
import { ownTimes } from "../../store/idle-gaps";
import type { SpanNode } from "../../store/span-node";
import { type Axis, CHARACTER_PX, extent, percent, placeOn } from "../../store/time-axis";
import * as format from "../../text/format";
import { kindOf } from "../controls/span-type";

/** Between a bar and its label, and as much beyond. */
const GAP_PX = 5;

interface BarProps {
  node: SpanNode;
  now_ns: number;
  axis: Axis;
  /** How wide the axis is. */
  lane_px: number;
  label: string;
  /** How long the span is on the critical path, when that is to be seen. */
  critical: number | undefined;
}

export function Bar({ node, now_ns, axis, lane_px, label, critical }: BarProps): VNode | null {
  const { row } = node;
  const place = extent(row.start_ns, row.end_ns ?? now_ns, axis);
  if (place === undefined) return null;
  const { left, width } = place;
  const waiting = row.first_token_ns === undefined ? 0 : (extent(row.start_ns, row.first_token_ns, axis)?.width ?? 0);
  const kind = row.status === "error" ? "failed" : kindOf(row.type);
  const classes = ["lt-bar", `lt-is-${kind}`];
  if (node.hasChildren) classes.push("lt-parent");
  if (row.end_ns === undefined) classes.push("lt-growing");
  const placed = { left: `min(${percent(left)}, 100% - 2px)`, width: percent(width) };
  const label_px = label.length * CHARACTER_PX + 2 * GAP_PX;
  const behind = (1 - left - width) * lane_px > label_px;
  return (
    <>
      <span class={classes.join(" ")} style={{ ...placed, backgroundImage: ownParts(node, now_ns, axis, lane_px) }}>
        {waiting > 0 && width > 0 && <i class="lt-waiting" style={{ width: percent(Math.min(1, waiting / width)) }} />}
      </span>
      {(behind || left * lane_px > label_px) && (
        <span
          class="lt-beside"
          style={
            behind
              ? { left: `calc(${percent(left + width)} + ${GAP_PX}px)` }
              : { right: `calc(${percent(1 - left)} + ${GAP_PX}px)` }
          }
          aria-hidden
        >
          {label}
        </span>
      )}
      <Critical own_ns={critical} ended={row.end_ns !== undefined} style={placed} />
    </>
  );
}

/** The line below a bar of the critical path; how much of that it is can be told when it has ended. */
export function Critical(props: {
  own_ns: number | undefined;
  ended: boolean;
  style: Record<string, string>;
}): VNode | null {
  const { own_ns, ended, style } = props;
  if (own_ns === undefined) return null;
  const share = ended ? `${format.duration(own_ns)} of` : "on";
  return <i class="lt-critical" style={style} title={`${share} the critical path`} />;
}

/** The parts of a parent's bar in which none of its children runs, as an image over the pale one; those that can be seen. */
function ownParts({ hasChildren, tree, span, row }: SpanNode, now_ns: number, axis: Axis, lane_px: number): string {
  if (!hasChildren) return "";
  const left = placeOn(axis, row.start_ns);
  const width = placeOn(axis, row.end_ns ?? now_ns) - left;
  const parts: string[] = [];
  // Of thousands of children most leave less than a pixel, which is cheap to tell of an axis that is not squeezed.
  const least_ns = axis.squeezed ? 0 : (axis.to_ns - axis.from_ns) / lane_px;
  ownTimes(tree, span, now_ns, (start_ns, end_ns) => {
    if (end_ns - start_ns < least_ns) return;
    const from = placeOn(axis, start_ns);
    const to = placeOn(axis, end_ns);
    if ((to - from) * lane_px < 1) return;
    parts.push(`#0000 0 ${percent((from - left) / width)},var(--lt-kind) 0 ${percent((to - left) / width)}`);
  });
  return parts.length === 0 ? "" : `linear-gradient(90deg,${parts.join()},#0000 0)`;
}
