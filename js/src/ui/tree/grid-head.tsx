/** The headings of the grid: what each column holds, by which it is sorted, and the axis of time. */

import type { ComponentProps, VNode } from "preact";
import type { Order } from "../../rows/repeats";
import { type Axis, CHARACTER_PX, percent, placeOn, type Tick } from "../../store/time-axis";
import type { View } from "../../view/view";
import { Button } from "../controls/button";
import { Sign } from "../controls/sign";
import { HoverTime } from "./hover-time";

/** What is left for a tick's label beyond the end of the axis. */
const MARGIN_PX = 6;

interface HeadProps {
  view: View;
  axis: Axis;
  /** The moment from which times are told. */
  zero_ns: number;
  marks: readonly Tick[];
  /** The element that is as wide as the axis, and its width. */
  lane: { current: HTMLDivElement | null };
  lane_px: number;
}

export function GridHead({ view, axis, zero_ns, marks, lane, lane_px }: HeadProps): VNode {
  const { zoom } = view.reading;
  return (
    <div role="rowgroup" class="lt-head">
      <div role="row" class="lt-cols" aria-rowindex={1}>
        <Heading>Span</Heading>
        <Heading class="lt-num lt-is-model">Model</Heading>
        <Sorting view={view} order="duration" name="Duration" />
        <Sorting view={view} order="self" name="Self" />
        <Heading class="lt-num lt-is-first" title="Time to the first token">
          1st token
        </Heading>
        <Sorting view={view} order="tokens" name="Tokens" />
        <Sorting view={view} order="cost" name="Cost" />
        <Heading class="lt-col-time">
          <span class="lt-unseen">Time</span>
          <div class="lt-axis" ref={lane} aria-hidden>
            {marks
              .filter(
                (mark) => (1 - placeOn(axis, mark.at_ns)) * lane_px + MARGIN_PX > mark.label.length * CHARACTER_PX,
              )
              .map((mark) => (
                <span key={mark.at_ns} style={{ left: percent(placeOn(axis, mark.at_ns)) }}>
                  {mark.label}
                </span>
              ))}
            <HoverTime axis={axis} zero_ns={zero_ns} origin_ms={view.store.clock.origin_ms} />
          </div>
          {zoom !== undefined && (
            <Button
              kind="lt-unzoom"
              tabIndex={-1}
              title="Show all the time (0)"
              onClick={() => view.read({ zoom: undefined })}
            >
              all
            </Button>
          )}
        </Heading>
      </div>
    </div>
  );
}

const Heading = (given: ComponentProps<"div">): VNode => <div role="columnheader" {...given} />;

/** A heading that sorts by its column when clicked, and by start when clicked again. */
function Sorting({ view, order, name }: { view: View; order: Order; name: string }): VNode {
  const sorted = view.reading.order === order;
  return (
    <Heading class={`lt-num lt-is-${order}`} aria-sort={sorted ? "descending" : "none"}>
      <button
        type="button"
        class="lt-sort"
        tabIndex={-1}
        title={sorted ? "Sort by start" : `Sort by ${name.toLowerCase()}${order === "tokens" ? ", in → out" : ""}`}
        onClick={() => view.read({ order: sorted ? "start" : order })}
      >
        {sorted && <Sign>▾</Sign>}
        {name}
      </button>
    </Heading>
  );
}
