/** The list of keys. */

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { KEYS } from "./commands";
import { focusOn, focusOnRow, taken } from "./events";
import type { View } from "./view";

export function KeyList({ view }: { view: View }): VNode {
  const closing = useRef<HTMLButtonElement>(null);
  useEffect(() => focusOn(closing.current), []);
  const close = () => {
    focusOnRow(closing.current);
    view.read({ keyList: false });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" && event.key !== "?") return;
    taken(event);
    close();
  };
  return (
    <section class="lt-keys" aria-label="Keys" onKeyDown={onKeyDown}>
      <div class="lt-title">
        <b>Keys, while a row has the focus</b>
        <button type="button" class="lt-button lt-close" ref={closing} title="Close (Esc)" onClick={close}>
          <span aria-hidden="true">✕</span>
          <span class="lt-unseen">Close the list of keys</span>
        </button>
      </div>
      <dl>
        {KEYS.map(([keys, does]) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
