/** The list of keys. */

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "./button";
import { focusOn, focusOnRow, taken } from "./events";
import { remember } from "./memory";
import type { View } from "./view";

/** A line each: keys, and what they do. */
const KEYS = `↑ ↓ Home End PgUp PgDn|go to a row
→ ←|open or close a row, go in or out
Enter Space|show the details of a span
Esc|close, clear the search, show all the time, leave the part
*|open all rows beside this one
] [|open or close all
/|search for words, "phrases", -words, type: status: model: name: attr.key=value >500ms >2% tokens> cost>
n N|next or previous match
e E|next or previous error
l L|next or previous LLM call
s|show only this span and what is in it
r|sort by start, duration, self, tokens, cost
z f|zoom to this span's time
+ - 0|zoom in, out, back to all the time
g|squeeze the times in which nothing runs
c|mark the critical path
> <|make the tree taller or lower
p|hold the view of a running cell, or let go
y|copy the span's id
j|copy the trace, or the part of it in sight, as JSON
o|open the trace in MLflow, where that has it
u d|thumbs up or down
?|this list
F6|go to the next part of the view; arrows walk within
Tab|leave`;

export function KeyList({ view }: { view: View }): VNode {
  const { letters } = view.reading;
  const list = useRef<HTMLElement>(null);
  useEffect(() => focusOn(list.current?.querySelector(".lt-close")), []);
  const close = () => {
    focusOnRow(list.current);
    view.read({ keyList: false });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" && event.key !== "?") return;
    taken(event);
    close();
  };
  return (
    <section class="lt-part lt-keys" ref={list} aria-label="Keys" onKeyDown={onKeyDown}>
      <div class="lt-title">
        <b>Keys, while a row has the focus</b>
        <Button
          kind="lt-chip"
          aria-pressed={letters}
          onClick={() => {
            view.read({ letters: !letters });
            remember("letters", letters ? "off" : "");
          }}
        >
          letters and signs
        </Button>
        <Button kind="lt-close" title="Close (Esc)" onClick={close} sign="✕" name="Close the list of keys" />
      </div>
      <dl>
        {KEYS.split("\n").map((line) => {
          const [keys = "", does] = line.split("|");
          return (
            <div key={keys}>
              <dt>
                {keys.split(" ").map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{does}</dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
