/** The list of keys. */

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { focusOn, focusOnRow, taken } from "../../dom/events";
import { remember } from "../../view/browser-memory";
import type { View } from "../../view/view";
import { Button } from "../controls/button";

/** A line each: keys, and what they do. */
const KEYS = `↑ ↓ Home End PgUp PgDn|go to a row
→ ←|open or close a row, go in or out
Enter Space|show details
Esc|close, clear the search, show all the time, leave the part
*|open all rows beside this one
] [|open or close all
/|search for words, "phrases", -words, type: status: model: name: attr.key=value >500ms >2% tokens> cost>
Enter Shift+Enter ↓|in the search: next match and messages, previous match, rows
n N|next or previous match
e E|next or previous error
l L|next or previous LLM call
s|show only this span and what is in it
r|sort by start, duration, self, tokens, cost
z f|zoom to this span's time
+ - 0|zoom in, out, to all the time
g|squeeze idle time
c|mark the critical path
> <|make the tree taller or lower
p|hold the view of a running cell, or let go
y|copy the span's id
j|copy the trace, or its part in sight, as JSON
o|open the trace in MLflow
u d|thumbs up or down
?|this list
F6 Shift+F6|next or previous part of the view; arrows walk within
← → PgUp PgDn Home End|move the handle that has the focus
Tab|leave`;

/** What is not only on keys. */
const SWITCHES = [
  ["letters", "letters and signs"],
  ["criticalPath", "critical path"],
  ["squeeze", "squeeze idle time"],
] as const;

export function KeyList({ view }: { view: View }): VNode {
  const { reading } = view;
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
        {SWITCHES.map(([name, text]) => (
          <Button
            key={name}
            kind="lt-chip"
            aria-pressed={reading[name]}
            onClick={() => {
              view.read({ [name]: !reading[name] });
              remember("letters", reading.letters ? "" : "off");
            }}
          >
            {text}
          </Button>
        ))}
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
