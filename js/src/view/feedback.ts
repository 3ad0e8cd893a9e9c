/** Thumbs and comments on spans; on a root they are on its trace. The kernel brings them to MLflow's store. */

import type { SpanNode } from "../store/span-node";
import type { FeedbackRequest, GivenFeedback } from "../wire/types.gen";
import type { View } from "./view";

/** Whether a kernel lives, and has a store to bring feedback to. */
export const canGiveFeedback = (view: View): boolean => view.hasKernel() && view.takesFeedback;

/** The user's thumb on a span, and the comment with it. */
export interface OwnFeedback {
  readonly value: boolean | undefined;
  readonly comment: string | undefined;
}

/** What the user said of a span, also if it is still on its way to the kernel. */
export function ownFeedback(view: View, node: SpanNode): OwnFeedback {
  const { giving } = view.reading;
  if (giving !== undefined && isOn(giving, node)) return { value: giving.value, comment: giving.comment };
  const own = view.feedback.find((given) => given.mine && isOn(given, node));
  return { value: typeof own?.value === "boolean" ? own.value : undefined, comment: own?.comment };
}

/** Sends the user's feedback on a span; without a value it is taken back. */
export function giveFeedback(view: View, node: SpanNode, { value, comment }: OwnFeedback): void {
  if (!canGiveFeedback(view)) return;
  const giving: FeedbackRequest = { kind: "feedback", trace: node.row.trace };
  if (node.row.parent !== undefined) giving.span = node.id;
  if (value !== undefined) giving.value = value;
  if (value !== undefined && comment !== undefined) giving.comment = comment;
  view.send(giving);
  view.read({ giving });
}

/** Gives a thumb, or takes the same one back. */
export function toggleThumb(view: View, node: SpanNode, up: boolean): void {
  const { value, comment } = ownFeedback(view, node);
  giveFeedback(view, node, { value: value === up ? undefined : up, comment });
}

/** Whether feedback is on a span, or on the trace of which it is the root. */
export const isOn = (given: GivenFeedback | FeedbackRequest, { id, row }: SpanNode): boolean =>
  given.trace === row.trace && given.span === (row.parent === undefined ? undefined : id);
