/** How many thumbs up and down the trace has. They stand in the header, because most spans' details are closed. */

import type { VNode } from "preact";
import type { View } from "../../view/view";
import { ThumbIcon, thumbName } from "../controls/thumb";

export function ThumbCount({ view }: { view: View }): VNode {
  const count = (up: boolean) => view.feedback.filter(({ value }) => value === up).length;
  return (
    <span class="lt-thumbs">
      {[true, false].map(
        (up) =>
          count(up) > 0 && (
            <span key={up} title={thumbName(up)}>
              <ThumbIcon up={up} /> <b>{count(up)}</b>
              <span class="lt-unseen"> {thumbName(up)}</span>
            </span>
          ),
      )}
    </span>
  );
}
