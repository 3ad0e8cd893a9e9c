/** The view in a page of its own, which holds the traits of its model as JSON in an inert element. */

import type { Model } from "../host/anywidget";
import { View } from "../view/view";
import { unpackSnapshot } from "../wire/envelope";
import type { Packed } from "../wire/types.gen";
import { drawTrace } from "./trace";

/** Puts the view in the place of the static form, which stays where the trace cannot be read. */
export async function drawPage(): Promise<void> {
  const traits = JSON.parse(document.getElementById("traits")?.textContent ?? "{}") as Record<string, unknown>;
  await unpackSnapshot(traits.snapshot as Packed);
  const place = document.getElementById("trace");
  const nothing = () => {};
  const model: Model = {
    get: (name) => traits[name],
    set: nothing,
    save_changes: nothing,
    send: nothing,
    on: nothing,
    off: nothing,
  };
  place?.replaceChildren();
  if (place) new View("page", drawTrace, nothing, () => false).attach({ model, el: place });
}
