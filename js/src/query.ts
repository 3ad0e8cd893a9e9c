/**
 * The language of the search box: words, "phrases", -not, and fields: `type:llm`, `status:error`, `model:gpt*`, `name:…`,
 * `>500ms`, `<2s`, `>2%` of the trace, `tokens>1000`, `cost>0.01`. All must hold; of one field given twice, either.
 */

import { costOf, tokensOf } from "./rollup";
import type { SpanNode } from "./tree";

export interface Query {
  /** In words that are looked for in texts, lower case. */
  readonly words: readonly string[];
  /** What could not be understood, as it was written. */
  readonly bad: readonly string[];
  /** Whether a span fits. `inBody` tells whether its texts are known to hold all words. */
  fits(node: SpanNode, inBody: boolean): boolean;
}

type Test = (node: SpanNode) => boolean;

interface Term {
  readonly text: string;
  readonly not: boolean;
  readonly quoted: boolean;
}

const FIELDS = ["type", "status", "model", "name"] as const;
type Field = (typeof FIELDS)[number];

const UNITS_NS: Readonly<Record<string, number>> = { us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, min: 60e9, h: 3600e9 };

/** Reads what was typed; `axis_ns` is how long the whole trace took. */
export function parse(text: string, axis_ns = 0): Query {
  const words: string[] = [];
  const nots: string[] = [];
  const bad: string[] = [];
  const tests: Test[] = [];
  const either = new Map<Field, Test[]>();
  for (const term of termsOf(text)) {
    const field = term.quoted ? undefined : FIELDS.find((name) => term.text.toLowerCase().startsWith(`${name}:`));
    const test = field === undefined ? undefined : fieldTest(field, term.text.slice(field.length + 1));
    const compared = term.quoted || field !== undefined ? undefined : comparison(term.text, axis_ns);
    if (field !== undefined && test !== undefined && !term.not) either.set(field, [...(either.get(field) ?? []), test]);
    else if (field !== undefined && test !== undefined) tests.push((node) => !test(node));
    else if (field !== undefined || compared === "bad") bad.push(term.text);
    else if (compared !== undefined) tests.push(term.not ? (node) => !compared(node) : compared);
    else (term.not ? nots : words).push(term.text.toLowerCase());
  }
  const found = words.map(wordTest);
  const missing = nots.map(wordTest);
  for (const some of either.values()) tests.push((node) => some.some((test) => test(node)));
  return {
    words,
    bad,
    fits: (node, inBody) =>
      tests.every((test) => test(node)) &&
      (inBody || found.every((isIn) => isIn(node))) &&
      !missing.some((isIn) => isIn(node)),
  };
}

function termsOf(text: string): Term[] {
  const terms: Term[] = [];
  for (const [, minus, field = "", phrase, word] of text.matchAll(/(-?)(?:(\w+:)?"([^"]*)"?|(\S+))/g)) {
    const said = phrase === undefined ? (word ?? "") : field + phrase;
    if (said !== "") terms.push({ text: said, not: minus === "-", quoted: phrase !== undefined && field === "" });
  }
  return terms;
}

function fieldTest(field: Field, value: string): Test | undefined {
  if (value === "") return undefined;
  const pattern = value.toLowerCase().split("*").map(escaped).join(".*");
  const whole = new RegExp(`^${pattern}$`, "s");
  const fits = once((text) => whole.test(text.toLowerCase()));
  return ({ row }) => fits(row[field] ?? "");
}

/** Whether a word is in any of a row's texts. */
function wordTest(word: string): Test {
  const isIn = once((text) => text.toLowerCase().includes(word));
  return ({ row }) =>
    isIn(row.name) ||
    isIn(row.type) ||
    isIn(row.status) ||
    (row.model !== undefined && isIn(row.model)) ||
    (row.provider !== undefined && isIn(row.provider)) ||
    (row.message !== undefined && isIn(row.message));
}

/** Asks about each text once: of a hundred thousand spans most have the same few names. */
function once(ask: (text: string) => boolean): (text: string) => boolean {
  const answers = new Map<string, boolean>();
  return (text) => {
    let answer = answers.get(text);
    if (answer === undefined) {
      answer = ask(text);
      answers.set(text, answer);
    }
    return answer;
  };
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

function comparison(text: string, axis_ns: number): Test | "bad" | undefined {
  const [, name = "", sign, number = "", unit = ""] = /^(tokens|cost|)([<>])(.*?)(%|[a-zµ]*)$/i.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const value = Number(number);
  if (number === "" || Number.isNaN(value)) return "bad";
  const holds = (measure: number | undefined, limit: number) =>
    measure !== undefined && (sign === ">" ? measure > limit : measure < limit);
  if (name !== "") {
    if (unit !== "") return "bad";
    return name.toLowerCase() === "tokens"
      ? ({ total }) => holds(tokensOf(total), value)
      : ({ total }) => holds(costOf(total), value);
  }
  const unit_ns = unit === "%" ? axis_ns / 100 : UNITS_NS[unit.toLowerCase()];
  if (unit_ns === undefined) return "bad";
  return ({ row }) => holds(row.end_ns === undefined ? undefined : row.end_ns - row.start_ns, value * unit_ns);
}
