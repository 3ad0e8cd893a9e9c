/**
 * Sums of tokens, cost and failures over a subtree. They are kept up to date by differences, so that a change costs no walk
 * over the tree. Money is counted in whole 1e-12 dollars, so that adding and taking away leaves no rounding behind.
 */

import { floats } from "./number-column";
import { FAILED, type Spans, STATUSES } from "./spans";

const PICO = 1e12;

/**
 * Counts that add up. `with_tokens` and `priced` say how many calls the sums are of; none means unknown, not zero. The
 * estimated ones are of the `uncounted` calls, for which the server sent no token counts. `asks` is not zero where a request to
 * a model is made below a span, and not by a tool.
 */
export interface Sums {
  spans: number;
  failed: number;
  with_tokens: number;
  input: number;
  output: number;
  cached: number;
  reasoning: number;
  uncounted: number;
  estimated_input: number;
  estimated_output: number;
  priced: number;
  unpriced: number;
  cost_pico: number;
  estimated_priced: number;
  estimated_pico: number;
  asks: number;
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
  uncounted: 7,
  estimated_input: 8,
  estimated_output: 9,
  priced: 10,
  unpriced: 11,
  cost_pico: 12,
  estimated_priced: 13,
  estimated_pico: 14,
  asks: 15,
} as const satisfies Record<keyof Sums, number>;
const WIDTH = 16;
const OK = STATUSES.indexOf("ok");

/** LangChain and MLflow's tracing of other libraries give calls of chat models a type of their own. */
export const isLlm = (type: string | undefined): boolean => type === "LLM" || type === "CHAT_MODEL";

export const isCall = (type: string | undefined): boolean => isLlm(type) || type === "EMBEDDING";

/** Whether a call below a span of this type is another request than the call above it. */
export const startsRequests = (type: string | undefined): boolean => type === "TOOL" || type === "AGENT";

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
  const [estimated_input, estimated_output] = [spans.estimated_input.get(span), spans.estimated_output.get(span)];
  const is_estimated = !Number.isNaN(estimated_input) || !Number.isNaN(estimated_output);
  if (is_estimated) {
    into[AT.uncounted] = 1;
    into[AT.estimated_input] = estimated_input || 0;
    into[AT.estimated_output] = estimated_output || 0;
  }
  const is_call = isCall(spans.texts.at(spans.type.get(span)));
  if (is_call) into[AT.asks] = 1;
  const [cost_usd, estimated_usd] = [spans.cost_usd.get(span), spans.estimated_cost_usd.get(span)];
  if (!Number.isNaN(cost_usd)) {
    into[AT.priced] = 1;
    into[AT.cost_pico] = Math.round(cost_usd * PICO);
  } else if (!Number.isNaN(estimated_usd)) {
    into[AT.estimated_priced] = 1;
    into[AT.estimated_pico] = Math.round(estimated_usd * PICO);
  } else if ((status === OK || with_tokens || is_estimated) && !Number.isNaN(spans.end_ns.get(span))) {
    if (is_call) into[AT.unpriced] = 1;
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

/**
 * Adds what is below a span to its own. A span's own tokens and cost repeat those of the requests below it, and count only
 * where these are unknown; those of a call whose tools make requests do not.
 */
export function addBelow(own: Vector, below: Vector, starts_requests: boolean): void {
  const at = (field: number) => below[field] as number;
  const add = (from: number, to: number) => {
    for (let field = from; field < to; field++) own[field] = (own[field] as number) + at(field);
  };
  const copy = (from: number, to: number) => own.set(below.subarray(from, to), from);
  const merge = own[AT.asks] !== 0 && at(AT.asks) === 0 ? add : copy;
  add(AT.spans, AT.with_tokens);
  if (at(AT.with_tokens) + at(AT.uncounted) > 0) merge(AT.with_tokens, AT.priced);
  if (at(AT.priced) + at(AT.unpriced) + at(AT.estimated_priced) > 0) merge(AT.priced, AT.asks);
  add(AT.asks, WIDTH);
  if (starts_requests) own[AT.asks] = 0;
}

export function named(sums: Vector): Sums {
  const at = (field: number) => sums[field] as number;
  return {
    spans: at(AT.spans),
    failed: at(AT.failed),
    with_tokens: at(AT.with_tokens),
    input: at(AT.input),
    output: at(AT.output),
    cached: at(AT.cached),
    reasoning: at(AT.reasoning),
    uncounted: at(AT.uncounted),
    estimated_input: at(AT.estimated_input),
    estimated_output: at(AT.estimated_output),
    priced: at(AT.priced),
    unpriced: at(AT.unpriced),
    cost_pico: at(AT.cost_pico),
    estimated_priced: at(AT.estimated_priced),
    estimated_pico: at(AT.estimated_pico),
    asks: at(AT.asks),
  };
}

/** US dollars, estimated ones too, or nothing where no call has a price. */
export const costOf = (sums: Readonly<Sums>): number | undefined =>
  sums.priced + sums.estimated_priced > 0 ? (sums.cost_pico + sums.estimated_pico) / PICO : undefined;

/** Input and output, estimated ones too, or nothing where nothing is known of any call. */
export const inAndOutOf = (sums: Readonly<Sums>): [number, number] | undefined =>
  sums.with_tokens + sums.uncounted > 0
    ? [sums.input + sums.estimated_input, sums.output + sums.estimated_output]
    : undefined;

/** Input plus output, as `inAndOutOf`. */
export function tokensOf(sums: Readonly<Sums>): number | undefined {
  const [input, output] = inAndOutOf(sums) ?? [];
  return input === undefined || output === undefined ? undefined : input + output;
}
