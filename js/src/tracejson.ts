/** A trace as JSON, to be copied. */

import { focusOf } from "./focus";
import type { View } from "./view";

/** The spans in sight, or all if none was gone into, with their details as far as these are here. */
export async function asJson(view: View): Promise<string> {
  const { tree } = view.store;
  const spans: object[] = [];
  const top = focusOf(view)?.span;
  for (const span of tree.order()) {
    if (top !== undefined && !tree.isWithin(span, top)) continue;
    await tree.details.coming(span);
    const { row, detail } = tree.node(span);
    spans.push({ ...row, ...detail });
  }
  return JSON.stringify(spans, null, 2);
}
