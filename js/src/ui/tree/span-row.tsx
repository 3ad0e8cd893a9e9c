/** One span as a row of the grid, with its bar. */

import type { ComponentChildren, VNode } from "preact";
import { type Cells, COLUMNS } from "../../rows/column-texts";
import type { Found } from "../../rows/matches";
import type { GridRow } from "../../rows/rows";
import { costOf, inAndOutOf } from "../../store/rollup";
import type { SpanNode } from "../../store/span-node";
import { oddityOf } from "../../store/span-warnings";
import type { Axis } from "../../store/time-axis";
import * as format from "../../text/format";
import { ROW_PX } from "../../view/limits";
import { Warning } from "../controls/sign";
import { TypeIcon } from "../controls/span-type";
import { Bar } from "./bar";

const MOST_INDENTS = 10;

export interface RowProps {
  row: GridRow;
  cells: Cells;
  index: number;
  now_ns: number;
  axis: Axis;
  active: boolean;
  selected: boolean;
  found: Found | undefined;
  /** Whether more of the trace may come. */
  unsettled: boolean;
}

/** What rows of spans and of runs have in common: ARIA's numbers, the indent, the columns of numbers. */
export function RowFrame(
  props: RowProps & {
    busy: boolean;
    failed: boolean;
    hit: boolean | undefined;
    spanId?: string;
    titles?: Partial<Record<keyof Cells, string | undefined>>;
    label: ComponentChildren;
    bar: VNode | null;
  },
): VNode {
  const { row, cells, index, active, selected, busy, failed, hit, spanId, titles, label, bar } = props;
  const { level, open } = row;
  return (
    <div
      role="row"
      class="lt-row lt-cols"
      style={{ top: `${index * ROW_PX}px` }}
      tabIndex={active ? 0 : -1}
      aria-level={level}
      aria-posinset={row.posinset}
      aria-setsize={row.setsize}
      aria-rowindex={index + 2}
      aria-expanded={open}
      aria-selected={selected}
      aria-busy={busy ? true : undefined}
      data-row={index}
      data-span-id={spanId}
      data-status={busy ? "running" : failed ? "error" : "ok"}
      data-hit={hit}
    >
      <div role="gridcell" class="lt-span" style={{ "--lt-indents": Math.min(level - 1, MOST_INDENTS) }}>
        <span class={open === undefined ? "lt-twisty" : "lt-twisty lt-twisty-on"} aria-hidden>
          {open !== undefined && <i class={open ? "lt-chevron lt-open" : "lt-chevron"} />}
        </span>
        {level - 1 > MOST_INDENTS && <span class="lt-depth">{level - 1}</span>}
        <TypeIcon type={(row.run ?? row.node.row).type} />
        {label}
      </div>
      {COLUMNS.map((name) => (
        <div key={name} role="gridcell" class={`lt-num lt-is-${name}`} title={titles?.[name]}>
          {cells[name]}
        </div>
      ))}
      <div role="gridcell" class="lt-col-time">
        <div class="lt-axis">{bar}</div>
      </div>
    </div>
  );
}

export function SpanRow(props: RowProps & { lane_px: number; critical: number | undefined }): VNode {
  const { row, now_ns, axis, found, lane_px, critical } = props;
  const { node, open } = row;
  const span = node.row;
  const hits = found?.below(node.span) ?? 0;
  return (
    <RowFrame
      {...props}
      busy={span.status === "running"}
      failed={span.status === "error"}
      hit={found?.has(node.span)}
      spanId={node.id}
      titles={{ tokens: tokensTitle(node), cost: costTitle(node) }}
      label={
        <>
          <span class="lt-name" title={span.name}>
            {span.name || "(no name)"}
          </span>
          <Remark node={node} open={open} odd={oddityOf(node, props.unsettled)} />
          {open === false && hits > 0 && <span class="lt-count">{format.counted(hits, "match", "es")}</span>}
        </>
      }
      bar={
        <Bar
          node={node}
          now_ns={now_ns}
          axis={axis}
          lane_px={lane_px}
          label={props.cells.duration}
          critical={critical}
        />
      }
    />
  );
}

/** What stands dimmed behind the name: why it failed, else the model and what it is doing. */
function Remark(props: { node: SpanNode; open: boolean | undefined; odd: string | undefined }): VNode | null {
  const { node, open, odd } = props;
  const { row } = node;
  const hidden = node.total.failed - node.own.failed;
  const words: string[] = [];
  if (row.tool_calls !== undefined) words.push(format.counted(row.tool_calls, "tool call"));
  if (row.status === "running" && row.first_token_ns !== undefined) words.push("streaming");
  if (open === false) words.push(format.counted(node.total.spans - 1, "span"));
  const failed = row.status === "error";
  const by = row.model ?? "";
  if (words.length === 0 && odd === undefined && by === "" && !failed) return null;
  const [before, after] = [by !== "" && failed ? " · " : "", by !== "" && !failed && words.length > 0 ? " · " : ""];
  return (
    <span class={failed ? "lt-remark lt-error" : "lt-remark"} title={failed ? row.message : undefined}>
      {failed && (
        <>
          <Warning />
          {format.gist(row.message ?? "") || "failed"}
        </>
      )}
      {odd !== undefined && (
        <span class="lt-error">
          <Warning />
          {odd}{" "}
        </span>
      )}
      <small>
        <span class="lt-by">
          {before}
          {by}
          {after}
        </span>
        {failed && words.length > 0 && " · "}
        {words.join(" · ")}
      </small>
      {open === false && hidden > 0 && <span class="lt-error"> ⚠ {format.counted(hidden, "error")}</span>}
    </span>
  );
}

function tokensTitle({ total }: SpanNode): string | undefined {
  const [input, output] = inAndOutOf(total) ?? [];
  if (input === undefined || output === undefined) return undefined;
  const counts = `in ${format.grouped(input)}, out ${format.grouped(output)}, cached ${format.grouped(total.cached)}`;
  return total.uncounted > 0 ? `${counts}. ${format.uncounted(total.uncounted)}` : counts;
}

function costTitle({ total }: SpanNode): string | undefined {
  const cost_usd = costOf(total);
  const known = cost_usd === undefined ? [] : [`$${cost_usd.toFixed(12).replace(/0+$/, "")}`];
  if (total.estimated_priced > 0) known.push(`an estimate for ${format.counted(total.estimated_priced, "call")}`);
  if (total.unpriced > 0) known.push(`no price is known for ${format.counted(total.unpriced, "call")}`);
  return known.join(", ") || undefined;
}
