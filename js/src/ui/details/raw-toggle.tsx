/** Whether a place of the details shows its texts as they were written; each place by itself, the same for all spans. */

import type { VNode } from "preact";
import type { View } from "../../view/view";
import { Button } from "../controls/button";

/** Whether it does, and the button that says so and changes it; `tidy` and `raw` are what the two forms are called. */
export function asWritten({ reading, read }: View, place: string, tidy: string, raw: string): [boolean, VNode] {
  const on = reading.written[place] === true;
  return [
    on,
    <Button aria-pressed={on} onClick={() => read({ written: { ...reading.written, [place]: !on } })}>
      Show as {on ? tidy : raw}
    </Button>,
  ];
}
