/** The script of an exported page, which holds the traits of a view's model as JSON in an inert element. */

import "./text/unseen-characters";
import type { Model } from "./host/anywidget";
import { drawTrace } from "./ui/trace";
import { View } from "./view/view";
import { unpackSnapshot } from "./wire/envelope";
import type { Packed } from "./wire/types.gen";

/** Puts the view in the place of the static form, which stays where the trace cannot be read. */
async function drawPage(): Promise<void> {
  const traits = JSON.parse(document.getElementById("traits")?.textContent ?? "{}") as Record<string, unknown>;
  await unpackSnapshot(traits.snapshot as Packed);
  const place = document.getElementById("trace");
  if (place === null) return;
  const nothing = () => {};
  const model: Model = {
    get: (name) => traits[name],
    set: nothing,
    save_changes: nothing,
    send: nothing,
    on: nothing,
    off: nothing,
  };
  place.replaceChildren();
  new View("page", drawTrace, nothing, () => false).attach({ model, el: place });
}

void drawPage();
