/** The rows of all spans, a column for each field. Spans are known by their numbers, in the order in which they came. */

import { isText } from "../wire/shapes";
import type { Columns, Row, WireTokens } from "../wire/types.gen";
import { bytes, floats, integers, type Numbers } from "./number-column";
import { Ids } from "./span-ids";

export const STATUSES = ["running", "ok", "error"] as const;
export const RUNNING = 0;
export const FAILED = 2;

/** Distinct texts and their numbers; -1 is no text. */
export class Texts {
  /** The columns that a text has ever stood in, `bitOf` each. */
  readonly columns = bytes();
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  add(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#texts.push(text) - 1;
      this.#numbers.set(text, number);
      this.columns.room(number + 1);
    }
    return number;
  }

  get size(): number {
    return this.#texts.length;
  }

  at(number: number): string | undefined {
    return this.#texts[number];
  }

  /** Those that stand in a column; it is gone through only for what has ever stood there. */
  of(column: string, { held }: Numbers): string[] {
    return this.#texts.filter((_, number) => this.columns.get(number) & bitOf(column) && held.includes(number));
  }
}

const text = () => integers(-1);
const count = () => floats(Number.NaN);

const TEXTS = ["trace", "name", "type", "message", "model", "provider"] as const;

export const bitOf = (column: string): number => 1 << [...TEXTS, "status"].indexOf(column);

const TOKENS = ["input", "output", "cached", "cache_write", "reasoning"] as const;
const ESTIMATED = ["estimated_input", "estimated_output"] as const;
const SINGLE = ["cost_usd", "estimated_cost_usd", "tool_calls"] as const;
const COUNTS = [...TOKENS, ...ESTIMATED, ...SINGLE] as const;
const LATER = ["end_ns", "first_token_ns"] as const;

export class Spans {
  readonly ids = new Ids();
  readonly texts = new Texts();
  readonly trace = text();
  readonly name = text();
  readonly type = text();
  readonly message = text();
  readonly model = text();
  readonly provider = text();
  readonly status = integers(RUNNING);
  readonly start_ns = floats();
  readonly end_ns = count();
  readonly first_token_ns = count();
  readonly input = count();
  readonly output = count();
  readonly cached = count();
  readonly cache_write = count();
  readonly reasoning = count();
  readonly cost_usd = count();
  readonly estimated_input = count();
  readonly estimated_output = count();
  readonly estimated_cost_usd = count();
  readonly tool_calls = count();

  get size(): number {
    return this.ids.size;
  }

  /** So many spans will be here. */
  expect(size: number, id_characters: number): void {
    this.ids.expect(size, id_characters);
    for (const column of [...TEXTS, "status", "start_ns", ...LATER, ...COUNTS] as const) this[column].expect(size);
  }

  /** When a span ended; `now_ns` for one that runs. */
  end(span: number, now_ns: number): number {
    const end_ns = this.end_ns.get(span);
    return Number.isNaN(end_ns) ? now_ns : end_ns;
  }

  row(span: number): Row {
    const known = (column: Numbers) => {
      const value = column.get(span);
      return Number.isNaN(value) ? undefined : value;
    };
    const tokens: WireTokens = {};
    for (const name of TOKENS) put(tokens, name, known(this[name]));
    const row: Row = {
      id: this.ids.at(span),
      trace: this.texts.at(this.trace.get(span)) ?? "",
      name: this.texts.at(this.name.get(span)) ?? "",
      type: this.texts.at(this.type.get(span)) ?? "",
      status: STATUSES[this.status.get(span)] ?? "running",
      start_ns: this.start_ns.get(span),
    };
    for (const name of ["message", "model", "provider"] as const) put(row, name, this.texts.at(this[name].get(span)));
    for (const name of [...LATER, ...SINGLE]) put(row, name, known(this[name]));
    if (Object.keys(tokens).length > 0) row.tokens = tokens;
    const estimated: WireTokens = {};
    put(estimated, "input", known(this.estimated_input));
    put(estimated, "output", known(this.estimated_output));
    if (Object.keys(estimated).length > 0) row.estimated_tokens = estimated;
    return row;
  }
}

function put<Value extends object, Name extends keyof Value>(
  value: Value,
  name: Name,
  member: Value[Name] | undefined,
) {
  if (member !== undefined) value[name] = member;
}

/** The rows of a message, gone through one by one on their way into the columns. */
export class Incoming {
  start_ns = 0;
  #row = -1;
  readonly #ids: readonly string[];
  readonly #parents: readonly (number | string | null)[] | undefined;
  /** The spans that the rows before this one became. */
  readonly #put: Int32Array;
  readonly #texts: Int32Array;
  /** The columns, each with what comes for it. */
  readonly #ofTexts: readonly Pair[];
  readonly #ofTimes: readonly Pair[];
  readonly #ofCounts: readonly Pair[];

  constructor(
    readonly spans: Spans,
    readonly columns: Columns,
  ) {
    const pairs = (names: readonly (keyof Spans & keyof Columns)[]) =>
      names.map((name) => [spans[name], columns[name]] as unknown as Pair);
    this.#ids = columns.id;
    this.#parents = columns.parent;
    this.#put = new Int32Array(columns.id.length).fill(-1);
    this.#texts = Int32Array.from(columns.texts, (each) => spans.texts.add(each));
    this.#ofTexts = pairs(TEXTS);
    for (const name of TEXTS) stand(columns[name] ?? [], this.#texts, spans.texts.columns.held, bitOf(name));
    this.#ofTimes = pairs(LATER);
    this.#ofCounts = pairs(COUNTS);
  }

  /** Goes to the next row; false after the last. */
  next(): boolean {
    if (++this.#row >= this.#ids.length) return false;
    this.start_ns += this.columns.start_ns[this.#row] ?? 0;
    return true;
  }

  get id(): string {
    return this.#ids[this.#row] as string;
  }

  /** The id of the parent, if it has one. */
  get parent(): string | undefined {
    const parent = this.#parents?.[this.#row];
    return typeof parent === "number" ? this.#ids[parent] : (parent ?? undefined);
  }

  /** The parent, if it has one and that is here. */
  get parentSpan(): number {
    const parent = this.#parents?.[this.#row];
    if (parent === null || parent === undefined) return -1;
    if (isText(parent)) return this.spans.ids.find(parent);
    const put = this.#put[parent] ?? -1;
    return put === -1 ? this.spans.ids.find(this.#ids[parent] ?? "") : put;
  }

  /** What there is of a detail: 0 nothing, 1 the next of the message's, 2 left out. */
  get detail(): number {
    return this.columns.detail?.[this.#row] ?? 1;
  }

  /** When it is known to have done something last. */
  get latest_ns(): number {
    let latest_ns = 0;
    for (const [, values] of this.#ofTimes) latest_ns = Math.max(latest_ns, values?.[this.#row] ?? 0);
    return this.start_ns + latest_ns;
  }

  /** Writes all fields of the row. */
  writeTo(span: number): void {
    const { spans, columns } = this;
    const row = this.#row;
    this.#put[row] = span;
    spans.start_ns.set(span, this.start_ns);
    const status = columns.status?.[row] ?? "ok";
    spans.status.set(span, Math.max(RUNNING, STATUSES.indexOf(status)));
    for (const [column, values] of this.#ofTexts) {
      const number = values?.[row];
      column.set(span, typeof number === "number" ? (this.#texts[number] ?? -1) : -1);
    }
    for (const [column, values] of this.#ofTimes) {
      const offset_ns = values?.[row];
      column.set(span, typeof offset_ns === "number" ? this.start_ns + offset_ns : Number.NaN);
    }
    for (const [column, values] of this.#ofCounts) {
      const value = values?.[row];
      column.set(span, typeof value === "number" ? value : Number.NaN);
    }
  }
}

/** Marks in `columns` the texts that stand in one. Small, as `mark` is. */
function stand(numbers: readonly (number | null)[], texts: Int32Array, columns: Numbers["held"], bit: number): void {
  for (let at = 0; at < numbers.length; at++) {
    const text = texts[numbers[at] ?? -1];
    if (text !== undefined) (columns[text] as number) |= bit;
  }
}

type Pair = readonly [Numbers, readonly (number | null)[] | undefined];
