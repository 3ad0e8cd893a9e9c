/**
 * The language of the search box: words, "phrases", -not, and fields: `type:llm` (with chat models), `status:error`,
 * `model:gpt*`, `name:…`, `>500ms`, `<2s`, `>2%` of the trace, `tokens>1000`, `cost>0.01`, `attr.key=value`. All must hold;
 * of one field given twice, either.
 */

import { bytes, type Numbers } from "../store/number-column";
import { costOf, isLlm, type Sums, tokensOf } from "../store/rollup";
import { bitOf, STATUSES } from "../store/spans";
import type { Tree } from "../store/tree";
import type { SearchRequest } from "../wire/types.gen";

export interface Query {
  /** What is looked for in messages, inputs, outputs and attributes, if anything is. */
  readonly deep: Deep | undefined;
  /** The words that are not to be there, which are looked for in the columns only. */
  readonly nots: readonly string[];
  /** What could not be understood, as it was written. */
  readonly bad: readonly string[];
  /** What tells of spans whether they fit, when it knows their tree and those whose texts are known to hold all words. */
  readonly on: Test;
}

/** For each of the spans that were asked about 1 or 0. */
export type Fits = Uint8Array;

/** Words and attributes in lower case. */
export type Deep = Pick<SearchRequest, "words" | "attributes">;

/** Made for a tree, it goes through all spans at once: of a hundred thousand, each of many tests would be a call. */
type Test = (tree: Tree, bodies: ReadonlySet<number>) => (spans: Int32Array) => Fits;

interface Term {
  readonly text: string;
  readonly not: boolean;
  readonly quoted: boolean;
}

const FIELDS = ["type", "status", "model", "name"] as const;
/** Like a field or a comparison, and none; with any other word before the colon it is a word, as `mistral:7b` is. */
const MISTAKEN = /^((attr\w*|cost|duration|kind|models|names|state|tokens|types):|duration[<>])/i;
type Field = (typeof FIELDS)[number];

const UNITS_NS: Readonly<Record<string, number>> = { us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, min: 60e9, h: 3600e9 };

/** Reads what was typed; `axis_ns` is how long the whole trace took. */
export function parse(text: string, axis_ns = 0): Query {
  const words: string[] = [];
  const nots: string[] = [];
  const attributes: Deep["attributes"] = [];
  const bad: string[] = [];
  const tests: Test[] = [];
  const either = new Map<Field, Test[]>();
  for (const { text: term, not: negated, quoted } of termsOf(text)) {
    const low = term.toLowerCase();
    const field = quoted ? undefined : FIELDS.find((name) => low.startsWith(`${name}:`));
    if (field !== undefined) {
      const test = fieldTest(field, term.slice(field.length + 1));
      if (test === undefined) bad.push(term);
      else if (negated) tests.push(not(test));
      else either.set(field, [...(either.get(field) ?? []), test]);
    } else if (!quoted && low.startsWith("attr.")) {
      const [, key, value] = /^attr\.([^=]+)=(.+)$/s.exec(low) ?? [];
      if (key && value && !negated) attributes.push([key, value]);
      else bad.push(term);
    } else {
      const compared = quoted ? undefined : MISTAKEN.test(term) ? "bad" : comparison(term, axis_ns);
      if (compared === "bad") bad.push(term);
      else if (compared !== undefined) tests.push(negated ? not(compared) : compared);
      else (negated ? nots : words).push(low);
    }
  }
  for (const word of nots) tests.push(not(wordTest(word)));
  for (const some of either.values()) tests.push(not(all(some.map(not))));
  const deep = (words[0] ?? attributes[0]) ? { words, attributes } : undefined;
  if (deep) tests.push(orInBody(attributes.length === 0 ? all(words.map(wordTest)) : not(all([]))));
  return { deep, nots, bad, on: all(tests) };
}

const not =
  (test: Test): Test =>
  (tree, bodies) => {
    const made = test(tree, bodies);
    return (spans) => made(spans).map((fits) => 1 - fits);
  };

const all =
  (tests: readonly Test[]): Test =>
  (tree, bodies) => {
    const made = tests.map((test) => test(tree, bodies));
    return (spans) => {
      const [fits = new Uint8Array(spans.length).fill(1), ...others] = made.map((test) => test(spans));
      for (const other of others) for (let at = 0; at < fits.length; at++) if (!other[at]) fits[at] = 0;
      return fits;
    };
  };

const orInBody =
  (test: Test): Test =>
  (tree, bodies) => {
    const made = test(tree, bodies);
    return (spans) => {
      const fits = made(spans);
      if (bodies.size > 0) for (let at = 0; at < fits.length; at++) if (bodies.has(spans[at] as number)) fits[at] = 1;
      return fits;
    };
  };

function termsOf(text: string): Term[] {
  const terms: Term[] = [];
  for (const [, minus, field = "", phrase, word] of text.matchAll(/(-?)(?:(\w+:|attr\.[^\s"=]+=)?"([^"]*)"?|(\S+))/g)) {
    const said = phrase === undefined ? (word ?? "") : field + phrase;
    if (said !== "") terms.push({ text: said, not: minus === "-", quoted: phrase !== undefined && field === "" });
  }
  return terms;
}

function fieldTest(field: Field, value: string): Test | undefined {
  if (value === "") return undefined;
  const pattern = value.toLowerCase();
  const llm = field === "type" && pattern === "llm";
  return (tree) => asking(tree, [field], (text) => (llm ? isLlm(text.toUpperCase()) : fits(text, pattern)));
}

/** Whether a word is in any of a row's texts. */
const wordTest =
  (word: string): Test =>
  (tree) =>
    asking(tree, ["name", "type", "status", "model", "provider", "message"], (text) => text.includes(word));

/** Asks about the texts of spans in lower case, about each text once: of a hundred thousand spans most have the same few. */
function asking(
  { spans }: Tree,
  fields: readonly (Field | "provider" | "message")[],
  ask: (text: string) => boolean,
): (asked: Int32Array) => Fits {
  // One further on, so that there is one for no text.
  const ofStatuses = Uint8Array.of(0, ...STATUSES.map((status) => Number(ask(status))));
  const ofTexts = bytes();
  let texts = 0;
  // Those in which an answer is yes; after the first time any, for a text may come to stand in others.
  let columns = ofStatuses.includes(1) ? bitOf("status") : 0;
  return (asked) => {
    for (; texts < spans.texts.size; texts++) {
      if (!ask((spans.texts.at(texts) as string).toLowerCase())) continue;
      ofTexts.set(texts + 1, 1);
      columns |= spans.texts.columns.get(texts);
    }
    const fits = new Uint8Array(asked.length);
    for (const field of fields) {
      const answers = field === "status" ? ofStatuses : ofTexts.room(texts + 1);
      if (columns & bitOf(field)) mark(fits, asked, spans[field], answers);
    }
    columns = -1;
    return fits;
  };
}

/** Marks those of the spans of whose value in a column `answers` says so. Small, so that the browser is soon quick at it. */
function mark(fits: Fits, asked: Int32Array, { held, absent }: Numbers, answers: Numbers["held"]): void {
  for (let at = 0; at < asked.length; at++) if (answers[(held[asked[at] as number] ?? absent) + 1]) fits[at] = 1;
}

/** Whether a text is `pattern`, in which `*` stands for anything. A regular expression may take for ever. */
export function fits(text: string, pattern: string): boolean {
  const [first = "", ...middle] = pattern.split("*");
  const last = middle.pop();
  if (last === undefined || !text.startsWith(first)) return text === pattern;
  let rest = text.slice(first.length);
  const follow = middle.every((part) => {
    const at = rest.indexOf(part);
    rest = rest.slice(at + part.length);
    return at >= 0;
  });
  return follow && rest.endsWith(last);
}

function comparison(text: string, axis_ns: number): Test | "bad" | undefined {
  const [, name = "", sign, number = "", unit = ""] = /^(tokens|cost|)([<>])(.*?)(%|[a-zµ]*)$/i.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const value = Number(number || Number.NaN);
  if (Number.isNaN(value)) return "bad";
  const holds = (measure = Number.NaN, limit: number) => (sign === ">" ? measure > limit : measure < limit);
  if (name !== "") {
    if (unit !== "") return "bad";
    const measure: (sums: Sums) => number | undefined = name.toLowerCase() === "tokens" ? tokensOf : costOf;
    return (tree) => each((span) => holds(measure(tree.total(span)), value));
  }
  const unit_ns = unit === "%" ? axis_ns / 100 : UNITS_NS[unit.toLowerCase()];
  if (unit_ns === undefined) return "bad";
  return ({ spans: { start_ns, end_ns } }) =>
    each((span) => holds(end_ns.get(span) - start_ns.get(span), value * unit_ns));
}

const each =
  (fits: (span: number) => boolean) =>
  (spans: Int32Array): Fits =>
    Uint8Array.from(spans, (span) => Number(fits(span)));
