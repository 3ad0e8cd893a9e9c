/**
 * Sums of tokens, cost and failures over a subtree. They are kept up to date by differences, so that a change costs no walk
 * over the tree. Money is counted in whole 1e-12 dollars, so that adding and taking away leaves no rounding behind.
 */

import { floats } from "./number-column";
import { FAILED, type Spans, STATUSES } from "./spans";

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

/** Where each of them stands in a vector. */
const AT = {
  spans: 0,
  failed: 1,
  with_tokens: 2,
  input: 3,
  output: 4,
  cached: 5,
  reasoning: 6,
  priced: 7,
  unpriced: 8,
  cost_pico: 9,
} as const satisfies Record<keyof Sums, number>;
const WIDTH = 10;
const OK = STATUSES.indexOf("ok");

/** LangChain and MLflow's tracing of other libraries give calls of chat models a type of their own. */
export const isLlm = (type: string | undefined): boolean => type === "LLM" || type === "CHAT_MODEL";

export const isCall = (type: string | undefined): boolean => isLlm(type) || type === "EMBEDDING";

/** Sums, one field after the other. */
export type Vector = Float64Array;

export const nothing = (): Vector => new Float64Array(WIDTH);

/** What a span itself adds. A call that failed without using a token has no price to miss. */
export function ownSums(spans: Spans, span: number, into: Vector): Vector {
  into.fill(0);
  into[AT.spans] = 1;
  const status = spans.status.get(span);
  if (status === FAILED) into[AT.failed] = 1;
  const [input, output] = [spans.input.get(span), spans.output.get(span)];
  const with_tokens = !Number.isNaN(input) || !Number.isNaN(output);
  if (with_tokens) {
    into[AT.with_tokens] = 1;
    into[AT.input] = input || 0;
    into[AT.output] = output || 0;
    into[AT.cached] = spans.cached.get(span) || 0;
    into[AT.reasoning] = spans.reasoning.get(span) || 0;
  }
  const cost_usd = spans.cost_usd.get(span);
  if (!Number.isNaN(cost_usd)) {
    into[AT.priced] = 1;
    into[AT.cost_pico] = Math.round(cost_usd * PICO);
  } else if ((status === OK || with_tokens) && !Number.isNaN(spans.end_ns.get(span))) {
    if (isCall(spans.texts.at(spans.type.get(span)))) into[AT.unpriced] = 1;
  }
  return into;
}

/** The sums of many spans, one row of columns each. */
export class SumsTable {
  readonly #values = floats();

  add(row: number, sums: Vector, sign: 1 | -1 = 1): void {
    for (let field = 0; field < WIDTH; field++) this.#values.add(row * WIDTH + field, sign * (sums[field] as number));
  }

  set(row: number, sums: Vector): void {
    for (let field = 0; field < WIDTH; field++) this.#values.set(row * WIDTH + field, sums[field] as number);
  }

  get(row: number, into: Vector): Vector {
    for (let field = 0; field < WIDTH; field++) into[field] = this.#values.get(row * WIDTH + field);
    return into;
  }
}

/** Adds what is below a span to its own: where that knows tokens or cost it counts, because the span's own repeat it. */
export function addBelow(own: Vector, below: Vector): void {
  const at = (field: number) => below[field] as number;
  const copy = (from: number, to: number) => own.set(below.subarray(from, to), from);
  own[AT.spans] = (own[AT.spans] as number) + at(AT.spans);
  own[AT.failed] = (own[AT.failed] as number) + at(AT.failed);
  if (at(AT.with_tokens) > 0) copy(AT.with_tokens, AT.priced);
  if (at(AT.priced) + at(AT.unpriced) > 0) copy(AT.priced, WIDTH);
}

export function named(sums: Vector): Sums {
  const [spans, failed, with_tokens, input, output, cached, reasoning, priced, unpriced, cost_pico] =
    sums as unknown as Ten;
  return { spans, failed, with_tokens, input, output, cached, reasoning, priced, unpriced, cost_pico };
}

type Ten = [number, number, number, number, number, number, number, number, number, number];

/** US dollars, or nothing where no call has a price. */
export const costOf = (sums: Readonly<Sums>): number | undefined =>
  sums.priced > 0 ? sums.cost_pico / PICO : undefined;

/** Input plus output, or nothing where no call told. */
export const tokensOf = (sums: Readonly<Sums>): number | undefined =>
  sums.with_tokens > 0 ? sums.input + sums.output : undefined;
