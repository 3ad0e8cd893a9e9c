/** Thumbs and a comment on a span, and what others said of it. */

import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import type { SpanNode } from "../../store/span-node";
import { plain } from "../../text/plain-value";
import { canGiveFeedback, giveFeedback, isOn, ownFeedback, toggleThumb } from "../../view/feedback";
import type { View } from "../../view/view";
import { Button } from "../controls/button";
import { ThumbIcon, thumbName } from "../controls/thumb";

export function Thumbs({ view, node }: { view: View; node: SpanNode }): VNode | null {
  if (!canGiveFeedback(view)) return null;
  const { value } = ownFeedback(view, node);
  return (
    <span class="lt-thumbs">
      {[true, false].map((up) => (
        <Button
          key={up}
          kind="lt-thumb"
          aria-pressed={value === up}
          aria-label={`${thumbName(up)} for this ${node.row.parent === undefined ? "trace" : "span"}`}
          title={`${thumbName(up)} (${up ? "u" : "d"})`}
          onClick={() => toggleThumb(view, node, up)}
        >
          <ThumbIcon up={up} />
        </Button>
      ))}
    </span>
  );
}

/** All feedback on a span. The user's own comment can be edited while there is a kernel. */
export function FeedbackList({ view, node }: { view: View; node: SpanNode }): VNode | null {
  const { value, comment } = ownFeedback(view, node);
  const edited = canGiveFeedback(view) && value !== undefined;
  const others = view.feedback.filter((given) => isOn(given, node) && !(edited && given.mine));
  const { giving } = view.reading;
  if (!edited && others.length === 0 && !giving) return null;
  return (
    <div class="lt-opinions">
      {edited && <Comment key={comment} view={view} node={node} value={value} comment={comment ?? ""} />}
      {others.map((given, index) => (
        <p key={index}>
          <b>{given.name}</b> {typeof given.value === "boolean" ? thumbName(given.value) : plain(given.value)}
          {given.by && <small> by {given.by}</small>}
          {given.comment && `: ${given.comment}`}
        </p>
      ))}
      {/* Without subshells a message waits until the cell has finished. The style sheet shows this line after a while. */}
      <p role="status" class="lt-dim">
        {giving && isOn(giving, node) && <span class="lt-late">Sent when the kernel is free; it is busy.</span>}
      </p>
    </div>
  );
}

function Comment(props: { view: View; node: SpanNode; value: boolean; comment: string }): VNode {
  const { view, node, value, comment } = props;
  const input = useRef<HTMLInputElement>(null);
  const save = () => {
    const text = input.current?.value.trim() ?? "";
    if (text !== comment) giveFeedback(view, node, { value, comment: text || undefined });
  };
  return (
    <div class="lt-comment">
      <input
        ref={input}
        class="lt-search"
        aria-label="Comment"
        placeholder="Why?"
        defaultValue={comment}
        onKeyDown={(event) => event.key === "Enter" && save()}
      />
      <Button onClick={save}>Save comment</Button>
    </div>
  );
}
