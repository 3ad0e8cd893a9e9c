/** A trace as JSON, to be copied. */

import { parsed } from "../store/packed-details";
import { SpanNode } from "../store/span-node";
import { focusedSpan } from "./focused-part";
import type { View } from "./view";

/**
 * The spans in sight, or all if none was gone into, with their details as far as these are here. Times are nanoseconds
 * after the origin.
 */
export async function asJson(view: View): Promise<string> {
  const { tree, clock } = view.store;
  const { packs, streamed } = tree;
  const spans: object[] = [];
  const top = focusedSpan(view)?.span;
  for (const span of tree.order()) {
    if (top !== undefined && !tree.isWithin(span, top)) continue;
    const detail = parsed(await packs.json(span));
    const text = streamed.get(span);
    spans.push({
      ...new SpanNode(tree, span).row,
      ...detail,
      ...(text && { text: (detail?.text ?? "") + text }),
      ...(packs.isLeftOut(span) && { left_out: true }),
    });
  }
  return JSON.stringify({ origin_ms: clock.origin_ms, spans }, null, 2);
}
