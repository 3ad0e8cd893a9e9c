/** Thumbs and a comment on a span; on a root they are on its trace. The kernel brings them to MLflow's store. */

import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import type { SpanNode } from "../../store/span-node";
import type { View } from "../../view/view";
import type { FeedbackRequest, GivenFeedback } from "../../wire/types.gen";
import { Button } from "../controls/button";
import { plain } from "./json-tree";

const named = (up: boolean): string => `Thumbs ${up ? "up" : "down"}`;

/** Whether there is a kernel to bring it to a store, and a store. */
const canGive = (view: View): boolean => view.hasKernel() && view.takesFeedback;

/** Gives a thumb, or takes the same one back. */
export function toggleThumb(view: View, node: SpanNode, up: boolean): void {
  const { value, comment } = ownOf(view, node);
  give(view, node, value === up ? undefined : up, comment);
}

export function Thumbs({ view, node }: { view: View; node: SpanNode }): VNode | null {
  if (!canGive(view)) return null;
  const { value } = ownOf(view, node);
  return (
    <span class="lt-thumbs">
      {[true, false].map((up) => (
        <Button
          key={up}
          kind="lt-thumb"
          aria-pressed={value === up}
          aria-label={`${named(up)} for this ${node.row.parent === undefined ? "trace" : "span"}`}
          title={`${named(up)} (${up ? "u" : "d"})`}
          onClick={() => toggleThumb(view, node, up)}
        >
          <ThumbIcon up={up} />
        </Button>
      ))}
    </span>
  );
}

/** What was said of a span: the user's own comment, to be edited while there is a kernel, and what others said. */
export function Opinions({ view, node }: { view: View; node: SpanNode }): VNode | null {
  const { value, comment } = ownOf(view, node);
  const edited = canGive(view) && value !== undefined;
  const others = view.feedback.filter((given) => isOn(given, node) && !(edited && given.mine));
  const { giving } = view.reading;
  if (!edited && others.length === 0 && !giving) return null;
  return (
    <div class="lt-opinions">
      {edited && <Comment key={comment} view={view} node={node} value={value} comment={comment ?? ""} />}
      {others.map((given, index) => (
        <p key={index}>
          <b>{given.name}</b> {typeof given.value === "boolean" ? named(given.value) : plain(given.value)}
          {given.by && <small> by {given.by}</small>}
          {given.comment && `: ${given.comment}`}
        </p>
      ))}
      {/* Where there are no subshells, messages wait until the cell has finished; the style sheet shows it after a while. */}
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
    if (text !== comment) give(view, node, value, text || undefined);
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

/** In the header, because most spans' details are closed. */
export function ThumbCount({ view }: { view: View }): VNode {
  const count = (up: boolean) => view.feedback.filter(({ value }) => value === up).length;
  return (
    <span class="lt-thumbs">
      {[true, false].map(
        (up) =>
          count(up) > 0 && (
            <span key={up} title={named(up)}>
              <ThumbIcon up={up} /> <b>{count(up)}</b>
              <span class="lt-unseen"> {named(up)}</span>
            </span>
          ),
      )}
    </span>
  );
}

function ThumbIcon({ up }: { up: boolean }): VNode {
  return (
    <svg class={up ? "lt-thumb-up" : "lt-thumb-down"} viewBox="0 0 16 16" width="14" height="14" aria-hidden>
      <path d="M2 7h2.5v7H2zM6 7l2.7-5.5c1 0 1.8.7 1.8 1.7V6h3.4l.9 1.2-1.2 6-.9.8H6z" />
    </svg>
  );
}

function give(view: View, node: SpanNode, value: boolean | undefined, comment: string | undefined): void {
  if (!canGive(view)) return;
  const giving: FeedbackRequest = { kind: "feedback", trace: node.row.trace };
  if (node.row.parent !== undefined) giving.span = node.id;
  if (value !== undefined) giving.value = value;
  if (value !== undefined && comment !== undefined) giving.comment = comment;
  view.send(giving);
  view.read({ giving });
}

/** What the user said of a span by thumb, or is about to. */
function ownOf(view: View, node: SpanNode): { value: boolean | undefined; comment: string | undefined } {
  const { giving } = view.reading;
  if (giving !== undefined && isOn(giving, node)) return { value: giving.value, comment: giving.comment };
  const own = view.feedback.find((given) => given.mine && isOn(given, node));
  return { value: typeof own?.value === "boolean" ? own.value : undefined, comment: own?.comment };
}

const isOn = (given: GivenFeedback | FeedbackRequest, { id, row }: SpanNode): boolean =>
  given.trace === row.trace && given.span === (row.parent === undefined ? undefined : id);
