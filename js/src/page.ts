/** The view in a page of its own, which holds the trace as JSON in an inert element. */

import type { Model } from "./host";
import { drawTrace } from "./trace";
import { unpackSnapshot } from "./unpack";
import { View } from "./view";
import type { Packed } from "./wire.gen";

/** Puts the view in the place of the static form, which stays where the trace cannot be read. */
export async function drawPage(): Promise<void> {
  const snapshot = JSON.parse(document.getElementById("snapshot")?.textContent ?? "null") as Packed;
  await unpackSnapshot(snapshot);
  const place = document.getElementById("trace");
  const values: Record<string, unknown> = { snapshot, placement: "below" };
  const nothing = () => {};
  const model: Model = {
    get: (name) => values[name],
    set: nothing,
    save_changes: nothing,
    send: nothing,
    on: nothing,
    off: nothing,
  };
  place?.replaceChildren();
  if (place) new View("page", drawTrace, nothing, () => false).attach({ model, el: place });
}
