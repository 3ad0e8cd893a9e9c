/**
 * Sums of tokens, cost and failures over a subtree, kept up to date by differences, so that a change costs no walk over
 * the tree. Money is counted in whole 1e-12 dollars, so that adding and taking away leaves
 * no rounding behind.
 */

import type { Row, WireTokens } from "./wire.gen";

const PICO = 1e12;

/** Counts that add up. `with_tokens` and `priced` say how many calls the sums are of; none means unknown, not zero. */
export interface Sums {
  spans: number;
  failed: number;
  with_tokens: number;
  input: number;
  output: number;
  cached: number;
  reasoning: number;
  priced: number;
  unpriced: number;
  cost_pico: number;
}

const TOKEN_FIELDS = ["with_tokens", "input", "output", "cached", "reasoning"] as const;
const COST_FIELDS = ["priced", "unpriced", "cost_pico"] as const;
const FIELDS = ["spans", "failed", ...TOKEN_FIELDS, ...COST_FIELDS] as const;

export const isCall = (type: string): boolean => type === "LLM" || type === "CHAT_MODEL" || type === "EMBEDDING";

export function nothing(): Sums {
  return {
    spans: 0,
    failed: 0,
    with_tokens: 0,
    input: 0,
    output: 0,
    cached: 0,
    reasoning: 0,
    priced: 0,
    unpriced: 0,
    cost_pico: 0,
  };
}

/** What most spans add: themselves. */
const ITSELF: Readonly<Sums> = { ...nothing(), spans: 1 };

/** What a span itself adds. A call that failed without using a token has no price to miss. */
export function ownSums(row: Row): Readonly<Sums> {
  if (row.status !== "error" && row.tokens === undefined && row.cost_usd === undefined && !isCall(row.type))
    return ITSELF;
  const sums = nothing();
  const tokens: WireTokens = row.tokens ?? {};
  sums.spans = 1;
  sums.failed = row.status === "error" ? 1 : 0;
  if (tokens.input !== undefined || tokens.output !== undefined) {
    sums.with_tokens = 1;
    sums.input = tokens.input ?? 0;
    sums.output = tokens.output ?? 0;
    sums.cached = tokens.cached ?? 0;
    sums.reasoning = tokens.reasoning ?? 0;
  }
  if (row.cost_usd !== undefined) {
    sums.priced = 1;
    sums.cost_pico = Math.round(row.cost_usd * PICO);
  } else if (isCall(row.type) && row.end_ns !== undefined && (row.status === "ok" || sums.with_tokens > 0)) {
    sums.unpriced = 1;
  }
  return sums;
}

/** A span's sums: where its descendants know tokens or cost these count, because its own are then the same again. */
export function totalSums(own: Readonly<Sums>, below: Readonly<Sums> | undefined): Readonly<Sums> {
  if (below === undefined) return own;
  const total = { ...own, spans: own.spans + below.spans, failed: own.failed + below.failed };
  if (below.with_tokens > 0) for (const field of TOKEN_FIELDS) total[field] = below[field];
  if (below.priced + below.unpriced > 0) for (const field of COST_FIELDS) total[field] = below[field];
  return total;
}

export function addSums(into: Sums, sums: Readonly<Sums>): void {
  for (const field of FIELDS) into[field] += sums[field];
}

export function differenceOf(after: Readonly<Sums>, before: Readonly<Sums>): Sums {
  const difference = nothing();
  for (const field of FIELDS) difference[field] = after[field] - before[field];
  return difference;
}

/** US dollars, or nothing where no call has a price. */
export const costOf = (sums: Readonly<Sums>): number | undefined =>
  sums.priced > 0 ? sums.cost_pico / PICO : undefined;

/** Input plus output, or nothing where no call told. */
export const tokensOf = (sums: Readonly<Sums>): number | undefined =>
  sums.with_tokens > 0 ? sums.input + sums.output : undefined;
