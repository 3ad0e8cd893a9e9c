/** What stands in the columns of numbers, and how wide that makes them. */

import * as format from "./format";
import type { SpanNode } from "./node";
import { costOf, isCall, tokensOf } from "./rollup";
import type { RunSums } from "./runs";

export interface Cells {
  readonly duration: string;
  readonly tokens: string;
  readonly cost: string;
}

/** The numbers of a span's row; a running one's duration is told as of `now_ns`. */
export function cellsOf({ row, total }: SpanNode, now_ns: number): Cells {
  const tokens = tokensOf(total);
  const pending = row.status === "running" && isCall(row.type);
  return {
    duration:
      row.end_ns === undefined
        ? `${format.ticking(Math.max(0, now_ns - row.start_ns))} …`
        : format.duration(row.end_ns - row.start_ns),
    tokens: tokens === undefined ? "" : format.tokens(tokens),
    cost: costText(costOf(total), total.unpriced) || (pending ? "…" : ""),
  };
}

/** The numbers of a row that stands for many spans: their sums. */
export const cellsOfRun = ({ sum_ns, tokens, cost_usd, unpriced }: RunSums): Cells => ({
  duration: format.duration(sum_ns),
  tokens: tokens === undefined ? "" : format.tokens(tokens),
  cost: costText(cost_usd, unpriced),
});

/** Never a silent partial sum: ≥ where some call has no price, n/a where none has. */
function costText(cost_usd: number | undefined, unpriced: number): string {
  if (cost_usd === undefined) return unpriced > 0 ? "n/a" : "";
  return unpriced > 0 ? `≥ ${format.briefCost(cost_usd)}` : format.briefCost(cost_usd);
}

/** The widths of the columns in characters: those of the headings, and wider as soon as something in sight needs it. */
export class Widths {
  duration = 8;
  tokens = 7;
  cost = 5;

  fit(cells: Cells): void {
    this.duration = Math.max(this.duration, cells.duration.length);
    this.tokens = Math.max(this.tokens, cells.tokens.length);
    this.cost = Math.max(this.cost, cells.cost.length);
  }

  get style(): Record<string, string> {
    return { "--lt-duration": `${this.duration}ch`, "--lt-tokens": `${this.tokens}ch`, "--lt-cost": `${this.cost}ch` };
  }
}
