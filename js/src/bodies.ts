/** The search through what the rows do not hold: messages, inputs, outputs, attributes. The kernel does it, if there is one. */

import { plain } from "./json";
import { parsed } from "./packs";
import { type Deep, fits } from "./query";
import type { BodySearch } from "./reading";
import type { View } from "./view";

/** How long a page without a kernel searches before it says what it has. */
const MOST_MS = 1000;
/** Holds no words, but any short one. */
const BASE64 = /[\w+/]{256,}/g;

/**
 * Searches, unless one is at it or nothing has come since, and puts into `reading.bodies` that it does, and what it found
 * unless another search has begun since.
 */
export async function searchBodies(view: View, deep: Deep): Promise<void> {
  const before = view.reading.bodies;
  const { version } = view.store.tree;
  if (before && (!before.ids || before.version === version)) return;
  const bodies = { number: Date.now(), version, before };
  view.read({ bodies });
  if (view.hasKernel()) return view.send({ kind: "search", number: bodies.number, ...deep });
  const isWanted = () => view.reading.bodies === bodies;
  const found = await searched(view, deep, isWanted);
  if (isWanted()) view.read({ bodies: { ...bodies, ...found } });
}

async function searched(
  { store }: View,
  { words, attributes }: Deep,
  isWanted: () => boolean,
): Promise<Pick<BodySearch, "ids" | "note">> {
  const ids = new Set<string>();
  const until = performance.now() + MOST_MS;
  let span = 0;
  const { spans, packs, size: all } = store.tree;
  for (; span < all && performance.now() <= until && isWanted(); span++) {
    const json = await packs.json(span);
    const text = `${spans.texts.at(spans.name.get(span))} ${json.replace(BASE64, "")}`.toLowerCase();
    const has = ([key, value]: [string, string]): boolean =>
      text.includes(key) &&
      Object.entries(parsed(json)?.attributes ?? {}).some(
        ([name, held]) => name.toLowerCase() === key && fits(plain(held).toLowerCase(), value),
      );
    if (words.every((word) => text.includes(word)) && attributes.every(has)) ids.add(spans.ids.at(span));
  }
  return { ids, note: span === all ? "in what is saved here" : `in the first ${span} of ${all} spans` };
}
