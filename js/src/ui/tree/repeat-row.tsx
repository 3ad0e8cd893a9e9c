/** Many like spans as one row: how many, how many failed, how long the middle one took. */

import type { VNode } from "preact";
import type { Run, RunSums } from "../../rows/repeats";
import { type Axis, extent, percent } from "../../store/time-axis";
import * as format from "../../text/format";
import { kindOf } from "../controls/span-type";
import { Critical } from "./bar";
import { RowFrame, type RowProps } from "./span-row";

const SUMS = { duration: "Sum", tokens: "Sum", cost: "Sum" };

export function RunRow(
  props: RowProps & { run: Run; sums: RunSums; critical: ReadonlyMap<number, number> | undefined },
): VNode {
  const { row, run, sums, now_ns, axis, found, critical } = props;
  const hits = row.open === false && found !== undefined ? found.within(run) : 0;
  return (
    <RowFrame
      {...props}
      busy={sums.running > 0}
      failed={sums.failed > 0}
      hit={undefined}
      titles={SUMS}
      label={
        <>
          <span class="lt-name" title={run.name}>
            {run.name}
          </span>
          <b class="lt-times">× {format.grouped(sums.count)}</b>
          <span class="lt-remark">
            {sums.failed > 0 && <span class="lt-error">⚠ {format.grouped(sums.failed)} failed </span>}
            {wordsOf(sums).join(" · ")}
          </span>
          {hits > 0 && <span class="lt-count">{format.counted(hits, "match", "es")}</span>}
        </>
      }
      bar={
        <RunBar type={run.type} sums={sums} axis={axis} now_ns={now_ns} own_ns={critical && ownTime(run, critical)} />
      }
    />
  );
}

function wordsOf({ running, p50_ns }: RunSums): string[] {
  const words: string[] = [];
  if (running > 0) words.push(`${format.grouped(running)} running`);
  if (p50_ns !== undefined) words.push(`p50 ${format.duration(p50_ns)}`);
  return words;
}

/** How long a run's spans are on the critical path; undefined if none is. */
function ownTime(run: Run, critical: ReadonlyMap<number, number>): number | undefined {
  let own_ns: number | undefined;
  for (const span of run.spans()) {
    const each_ns = critical.get(span);
    if (each_ns !== undefined) own_ns = (own_ns ?? 0) + each_ns;
  }
  return own_ns;
}

interface RunBarProps {
  type: string;
  sums: RunSums;
  axis: Axis;
  now_ns: number;
  own_ns: number | undefined;
}

function RunBar({ type, sums, axis, now_ns, own_ns }: RunBarProps): VNode | null {
  const place = extent(sums.from_ns, sums.to_ns ?? now_ns, axis);
  if (place === undefined) return null;
  const style = { left: `min(${percent(place.left)}, 100% - 2px)`, width: percent(place.width) };
  return (
    <>
      <span class={`lt-bar lt-parent lt-is-${kindOf(type)}`} style={style} />
      <Critical own_ns={own_ns} ended={sums.running === 0} style={style} />
    </>
  );
}
