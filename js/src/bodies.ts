/** The search through what the rows do not hold: messages, inputs, outputs, attributes. The kernel does it, if there is one. */

import { ATTRIBUTE, patternOf } from "./query";
import type { View } from "./view";

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
  const { spans, details, size: all } = store.tree;
  for (let span = 0; span < all; span++) {
    if (performance.now() > until) break;
    looked++;
    const text = `${spans.texts.at(spans.name.get(span))} ${details.json(span)}`.toLowerCase();
    const holds = (word: string): boolean => {
      const [, key, value = ""] = ATTRIBUTE.exec(word) ?? [];
      if (key === undefined) return text.includes(word);
      const attributes = Object.entries(text.includes(key) ? (details.get(span)?.attributes ?? {}) : {});
      const pattern = patternOf(value);
      return attributes.some(([name, held]) => name.toLowerCase() === key && pattern.test(String(held).toLowerCase()));
    };
    if (words.every(holds)) ids.add(spans.ids.at(span));
  }
  return { ids, note: looked === all ? "in what is saved here" : `in the first ${looked} of ${all} spans` };
}
