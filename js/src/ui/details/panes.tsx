/** The panes of the details other than the chat. */

import type { ComponentChildren, VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import { taken } from "../../dom/events";
import type { SpanNode } from "../../store/span-node";
import { percent, placeOn } from "../../store/time-axis";
import * as format from "../../text/format";
import { indented } from "../../text/plain-value";
import { stackParts } from "../../text/traceback";
import type { View } from "../../view/view";
import type { SpanError } from "../../wire/types.gen";
import { CopyButton } from "../controls/copy-button";
import { Fold } from "../controls/fold";
import { usePieces } from "../controls/long-list";
import { Warning } from "../controls/sign";
import { Json, linesOf } from "./json-tree";
import { LongText } from "./long-text";
import { asWritten } from "./raw-toggle";

/** A value of no more characters is overlooked without a search. */
const SMALL = 800;
/** So many places are there for ticks on the events' time line. */
const TICKS = 200;

export function InputsOutputs({ view, node: { detail } }: { view: View; node: SpanNode }): VNode {
  return (
    <>
      <Value view={view} name="Inputs" path="inputs" value={detail?.inputs} />
      <Value view={view} name="Outputs" path="outputs" value={detail?.outputs} />
    </>
  );
}

function Value(props: { view: View; name: string; path: string; value: unknown }): VNode | null {
  const { view, name, path, value } = props;
  const [raw, switchButton] = asWritten(view, path, "tree", "text");
  const [find, setFind] = useState("");
  const isLarge = useMemo(() => indented(value).length > SMALL, [value]);
  if (value === undefined || value === null) return null;
  return (
    <div class="lt-section">
      <div class="lt-section-head">
        <b>{name}</b>
        <span>
          {isLarge && !raw && (
            <input
              class="lt-search lt-find"
              placeholder="Find key"
              aria-label={`Find key in ${path}`}
              spellcheck={false}
              value={find}
              onInput={({ currentTarget }) => setFind(currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key !== "Escape" || find === "") return;
                taken(event);
                setFind("");
              }}
            />
          )}
          {switchButton}
          <CopyButton text={() => indented(value)} />
        </span>
      </div>
      {raw ? <LongText text={indented(value)} raw /> : <Json value={value} name={path} find={find} />}
    </div>
  );
}

export function Attributes({ node: { detail } }: { node: SpanNode }): VNode {
  const [shown, more] = usePieces(Object.entries(detail?.attributes ?? {}), ([, value]) => linesOf(value));
  return (
    <Table more={more}>
      {shown.map(([name, value]) => (
        <Entry key={name} name={name}>
          <Json value={value} name={`attributes[${JSON.stringify(name)}]`} />
        </Entry>
      ))}
    </Table>
  );
}

export function Events({ node: { row, detail } }: { node: SpanNode }): VNode {
  const events = detail?.events ?? [];
  const ticks = useMemo(() => {
    const last_ns = events.reduce((latest, { time_ns }) => Math.max(latest, time_ns), row.start_ns);
    const axis = { from_ns: row.start_ns, to_ns: row.end_ns ?? last_ns };
    // More could not be told apart.
    return new Map(events.map(({ name, time_ns }) => [Math.round(placeOn(axis, time_ns) * TICKS), name]));
  }, [detail, row.end_ns]);
  const [shown, more] = usePieces(events, ({ attributes }) => 1 + linesOf(attributes));
  return (
    <>
      <div class="lt-timeline" aria-hidden>
        {[...ticks].map(([at, name]) => (
          <i key={at} title={name} style={{ left: percent(at / TICKS) }} />
        ))}
      </div>
      <Table more={more}>
        {shown.map((event, index) => (
          <Entry
            key={index}
            name={
              <>
                {event.name}
                <div class="lt-dim">at {format.duration(event.time_ns - row.start_ns)}</div>
              </>
            }
          >
            <Json value={event.attributes} />
          </Entry>
        ))}
      </Table>
    </>
  );
}

/** Entries under each other, and what brings more of them. */
const Table = ({ children, more }: { children: ComponentChildren; more: ComponentChildren }): VNode => (
  <>
    <table class="lt-table">
      <tbody>{children}</tbody>
    </table>
    {more}
  </>
);

const Entry = ({ name, children }: { name: ComponentChildren; children: ComponentChildren }): VNode => (
  <tr>
    <th scope="row">{name}</th>
    <td>{children}</td>
  </tr>
);

export function ErrorView({ node: { row, detail } }: { node: SpanNode }): VNode {
  const error: Partial<SpanError> = detail?.error ?? { message: row.message ?? "" };
  const { type, message, stack } = error;
  // Of another form than agreed: shown as it is.
  const odd = message === undefined;
  const whole = () => (odd ? indented(error) : [type && `${type}: ${message}`, stack].filter(Boolean).join("\n\n"));
  return (
    <div class="lt-section">
      <div class="lt-section-head">
        <b class="lt-error">
          <Warning />
          {type || "Failed"}
        </b>
        <CopyButton text={whole} label="Copy error" />
      </div>
      <p class="lt-error-message">{odd ? <Json value={error} /> : message || "No message was recorded."}</p>
      {stack !== undefined && <Stack stack={stack} />}
    </div>
  );
}

/** The traceback, with the frames of installed packages folded. */
const Stack = ({ stack }: { stack: string }): VNode => (
  <div class="lt-code lt-stack">
    {stackParts(stack).map(({ text, frames, packages }, index) =>
      frames === undefined ? (
        <pre key={index} class="lt-raw">
          {text}
        </pre>
      ) : (
        <Fold key={index} label={<small>{`${format.counted(frames, "frame")} in ${packages?.join(", ")}`}</small>}>
          <pre class="lt-raw">{text}</pre>
        </Fold>
      ),
    )}
  </div>
);
