/** The search through what the rows do not hold: messages, inputs, outputs, attributes. The kernel does it, if there is one. */

import { plain } from "./json";
import { type Deep, fits } from "./query";
import type { View } from "./view";

/** How long a page without a kernel may search before it says what it has. */
const MOST_MS = 300;

export function searchBodies(view: View, deep: Deep): void {
  const number = (view.reading.bodies?.number ?? 0) + 1 + Date.now();
  const connected = view.isConnected();
  view.read({ bodies: { number, ...(connected ? {} : searched(view, deep)) } });
  if (connected) view.send({ kind: "search", number, ...deep });
}

function searched({ store }: View, { words, attributes }: Deep): { ids: Set<string>; note: string } {
  const ids = new Set<string>();
  const until = performance.now() + MOST_MS;
  let span = 0;
  const { spans, details, size: all } = store.tree;
  for (; span < all && performance.now() <= until; span++) {
    const text = `${spans.texts.at(spans.name.get(span))} ${details.json(span)}`.toLowerCase();
    const has = ([key, value]: [string, string]): boolean =>
      text.includes(key) &&
      Object.entries(details.get(span)?.attributes ?? {}).some(
        ([name, held]) => name.toLowerCase() === key && fits(plain(held).toLowerCase(), value),
      );
    if (words.every((word) => text.includes(word)) && attributes.every(has)) ids.add(spans.ids.at(span));
  }
  return { ids, note: span === all ? "in what is saved here" : `in the first ${span} of ${all} spans` };
}
