/** The search through what the rows do not hold: messages, inputs, outputs, attributes. The kernel does it, if there is one. */

import type { View } from "./view";
import type { Detail } from "./wire.gen";

/** How long a page without a kernel may search before it says what it has. */
const MOST_MS = 300;

export function searchBodies(view: View, words: readonly string[]): void {
  const number = (view.reading.bodies?.number ?? 0) + 1 + Date.now();
  if (view.isConnected()) {
    view.read({ bodies: { number, ids: undefined } });
    view.send({ kind: "search", number, words: [...words] });
    return;
  }
  view.read({ bodies: { number, ...searched(view, words) } });
}

function searched({ store }: View, words: readonly string[]): { ids: Set<string>; note: string } {
  const ids = new Set<string>();
  const until = performance.now() + MOST_MS;
  let looked = 0;
  for (const { id, row, detail } of store.tree.nodes.values()) {
    if (performance.now() > until) break;
    looked++;
    const text = `${row.name} ${JSON.stringify(detail ?? ({} satisfies Detail))}`.toLowerCase();
    if (words.every((word) => text.includes(word))) ids.add(id);
  }
  const all = store.tree.nodes.size;
  return { ids, note: looked === all ? "in what is saved here" : `in the first ${looked} of ${all} spans` };
}
