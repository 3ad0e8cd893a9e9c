/** What stands in the columns of numbers, and how wide that makes them. */

import { selfTime_ns } from "../store/idle-gaps";
import { costOf, inAndOutOf, isCall, type Sums } from "../store/rollup";
import type { SpanNode } from "../store/span-node";
import * as format from "../text/format";
import type { RunSums } from "./repeats";

export interface Cells {
  readonly model: string;
  readonly duration: string;
  readonly self: string;
  /** The time to the first token. */
  readonly first: string;
  readonly tokens: string;
  readonly cost: string;
}

/** The numbers of a span's row; a running one's duration is told as of `now_ns`. */
export function cellsOf({ tree, span, row, total }: SpanNode, now_ns: number): Cells {
  const pending = row.status === "running" && isCall(row.type);
  return {
    model: row.model ?? "",
    duration:
      row.end_ns === undefined
        ? `${format.ticking(Math.max(0, now_ns - row.start_ns))} …`
        : format.duration(row.end_ns - row.start_ns),
    self: row.end_ns === undefined ? "" : format.duration(selfTime_ns(tree, span, now_ns)),
    first: row.first_token_ns === undefined ? "" : format.duration(row.first_token_ns - row.start_ns),
    tokens: tokensText(total),
    cost: costText(total) || (pending ? "…" : ""),
  };
}

/** The numbers of a row that stands for many spans: their sums. */
export const cellsOfRun = ({ sum_ns, total }: RunSums): Cells => ({
  model: "",
  duration: format.duration(sum_ns),
  self: "",
  first: "",
  tokens: tokensText(total),
  cost: costText(total),
});

function tokensText(total: Readonly<Sums>): string {
  const known = inAndOutOf(total);
  return known === undefined ? "" : format.approximate(format.inAndOut(...known), total.uncounted > 0);
}

/** Never a silent partial sum: ≥ where some call has no price, n/a where none has. */
function costText(total: Readonly<Sums>): string {
  const { unpriced, estimated_priced } = total;
  const cost_usd = costOf(total);
  if (cost_usd === undefined) return unpriced > 0 ? "n/a" : "";
  return format.approximate(format.atLeast(cost_usd, unpriced), estimated_priced > 0);
}

/** From left to right. */
export const COLUMNS = ["model", "duration", "self", "first", "tokens", "cost"] as const;

/** The widths of the columns in characters: those of the headings, and wider as soon as something in sight needs it. */
export class Widths {
  model = 6;
  duration = 8;
  self = 6;
  first = 9;
  tokens = 7;
  cost = 5;

  /** The columns in which something has stood. */
  readonly #used = new Set<string>();

  fit(cells: Cells): void {
    for (const name of COLUMNS) {
      this[name] = Math.max(this[name], cells[name].length);
      if (cells[name] !== "") this.#used.add(name);
    }
  }

  /** Classes for the columns that are empty. */
  get without(): string {
    return COLUMNS.map((name) => (this.#used.has(name) ? "" : `lt-is-without-${name}`)).join(" ");
  }

  get style(): Record<string, string> {
    return Object.fromEntries(COLUMNS.map((name) => [`--lt-${name}`, `${this[name]}ch`]));
  }
}
