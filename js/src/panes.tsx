/** The panes of the details other than the chat. */

import type { VNode } from "preact";
import { CopyButton } from "./copy";
import * as format from "./format";
import { Json } from "./json";
import { percent, placeOn } from "./timescale";
import type { SpanNode } from "./tree";

const indented = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

export function InputsOutputs({ node: { detail } }: { node: SpanNode }): VNode {
  return (
    <>
      <Value name="Inputs" value={detail?.inputs} />
      <Value name="Outputs" value={detail?.outputs} />
    </>
  );
}

function Value({ name, value }: { name: string; value: unknown }): VNode | null {
  if (value === undefined || value === null) return null;
  return (
    <div class="lt-section">
      <div class="lt-section-head">
        <b>{name}</b>
        <CopyButton text={() => indented(value)} />
      </div>
      <Json value={value} />
    </div>
  );
}

export function Attributes({ node: { detail } }: { node: SpanNode }): VNode {
  const entries = Object.entries(detail?.attributes ?? {});
  return (
    <table class="lt-table">
      <tbody>
        {entries.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <Json value={value} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Events({ node: { row, detail } }: { node: SpanNode }): VNode {
  const events = detail?.events ?? [];
  const axis = { start_ns: row.start_ns, end_ns: row.end_ns ?? Math.max(...events.map((event) => event.time_ns)) };
  return (
    <>
      <div class="lt-timeline" aria-hidden="true">
        {events.map((event, index) => (
          <i key={index} title={event.name} style={{ left: percent(placeOn(axis, event.time_ns)) }} />
        ))}
      </div>
      <table class="lt-table">
        <tbody>
          {events.map((event, index) => (
            <tr key={index}>
              <th scope="row">
                {event.name}
                <div class="lt-dim">at {format.duration(Math.max(0, event.time_ns - row.start_ns))}</div>
              </th>
              <td>
                <Json value={event.attributes} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

export function ErrorView({ node: { row, detail } }: { node: SpanNode }): VNode {
  const error = detail?.error ?? { type: "", message: row.message ?? "", stack: undefined };
  const whole = () => [error.type && `${error.type}: ${error.message}`, error.stack].filter(Boolean).join("\n\n");
  return (
    <div class="lt-section">
      <div class="lt-section-head">
        <b class="lt-error">
          <span aria-hidden="true">⚠ </span>
          {error.type || "Failed"}
        </b>
        <CopyButton text={whole} label="Copy error" />
      </div>
      <p class="lt-error-message">{error.message || "No message was recorded."}</p>
      {error.stack !== undefined && <pre class="lt-code lt-stack">{error.stack}</pre>}
    </div>
  );
}
