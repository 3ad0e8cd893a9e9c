/** The search through what the rows do not hold: messages, inputs, outputs, attributes. The kernel does it, if there is one. */

import { type Deep, fits } from "../rows/search-query";
import { parsed } from "../store/packed-details";
import { SpanNode } from "../store/span-node";
import { plain } from "../text/plain-value";
import type { View } from "./view";

/** How long a page without a kernel searches before it says what it has. */
const MOST_MS = 1000;
/** An image, say: any short word is somewhere in it. */
const BASE64 = /^(data:[^,]+,)?[A-Za-z\d+/]{256}/;

/**
 * Searches, unless one is at it or nothing has come since, and puts into `reading.bodies` that it does, and what it found
 * unless another search has begun since.
 */
export async function searchBodies(view: View, deep: Deep): Promise<void> {
  const previous = view.reading.bodies;
  const { tree } = view.store;
  const { version, packs, size: all } = tree;
  if (previous && (!previous.ids || previous.version === version)) return;
  const bodies = { number: Date.now(), version, previous };
  view.read({ bodies });
  if (view.hasKernel()) return view.send({ kind: "search", number: bodies.number, ...deep });
  const ids = new Set<string>();
  const until = performance.now() + MOST_MS;
  let span = 0;
  for (; span < all && performance.now() <= until; span++) {
    const { id, row } = new SpanNode(tree, span);
    const { text, inputs, outputs, attributes = {}, events = [], error } = parsed(await packs.json(span)) ?? {};
    if (view.reading.bodies !== bodies) return;
    const has = ([key, value]: [string, string]): boolean =>
      Object.entries(attributes).some(
        ([name, held]) => name.toLowerCase() === key && fits(plain(held).toLowerCase(), value),
      );
    const values = [row.name, row.model, row.provider, row.message, text, inputs, outputs, attributes, error?.stack];
    if (deep.attributes.every(has) && holds([values, events.map((event) => event.attributes)], deep.words)) ids.add(id);
  }
  const note = span === all ? "in what is saved here" : `in the first ${span} of ${all} spans`;
  view.read({ bodies: { ...bodies, ids, note } });
}

/** Whether all words are among some values and what is in these, keys and texts, each by itself, as the kernel has it. */
function holds(values: unknown[], words: readonly string[]): boolean {
  let missing = words;
  // What is in a value comes behind the others.
  for (const value of values) {
    if (typeof value === "object") {
      for (const each of Array.isArray(value) ? value : Object.entries(value ?? {}).flat()) values.push(each);
    } else {
      const text = String(value ?? "");
      if (!BASE64.test(text)) missing = missing.filter((word) => !text.toLowerCase().includes(word));
    }
  }
  return missing.length === 0;
}
