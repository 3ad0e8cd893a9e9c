/**
 * The language of the search box: words, "phrases", -not, and fields: `type:llm`, `status:error`, `model:gpt*`, `name:…`,
 * `>500ms`, `<2s`, `>2%` of the trace, `tokens>1000`, `cost>0.01`, `attr.key=value`. All must hold; of one field given
 * twice, either.
 */

import { bytes } from "./numbers";
import { costOf, type Sums, tokensOf } from "./rollup";
import { STATUSES } from "./spans";
import type { Tree } from "./tree";
import type { SearchRequest } from "./wire.gen";

export interface Query {
  /** What is looked for in messages, inputs, outputs and attributes, if anything is. */
  readonly deep: Deep | undefined;
  /** What could not be understood, as it was written. */
  readonly bad: readonly string[];
  /** What tells whether a span of a tree fits. `inBody` tells whether its texts are known to hold all words. */
  on(tree: Tree): (span: number, inBody: boolean) => boolean;
}

/** Words and attributes in lower case. */
export type Deep = Pick<SearchRequest, "words" | "attributes">;

/** Made for a tree, it tests one span after the other. */
type Test = (tree: Tree) => (span: number) => boolean;

interface Term {
  readonly text: string;
  readonly not: boolean;
  readonly quoted: boolean;
}

const FIELDS = ["type", "status", "model", "name"] as const;
/** Like a field, and none; with any other word before the colon it is a word, as `mistral:7b` is. */
const MISTAKEN = /^(attr\w*|cost|duration|kind|models|names|state|tokens|types):/i;
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
  const found = words.map(wordTest);
  const missing = nots.map(wordTest);
  for (const some of either.values()) tests.push(anyOf(some));
  return {
    deep: (words[0] ?? attributes[0]) ? { words, attributes } : undefined,
    bad,
    on: (tree) => {
      const made = (all: readonly Test[]) => all.map((test) => test(tree));
      const [must, mayBeInBody, mustNot] = [made(tests), made(found), made(missing)];
      return (span, inBody) =>
        must.every((test) => test(span)) &&
        (inBody || (attributes.length === 0 && mayBeInBody.every((isIn) => isIn(span)))) &&
        !mustNot.some((isIn) => isIn(span));
    },
  };
}

const not =
  (test: Test): Test =>
  (tree) => {
    const made = test(tree);
    return (span) => !made(span);
  };

const anyOf =
  (tests: readonly Test[]): Test =>
  (tree) => {
    const made = tests.map((test) => test(tree));
    return (span) => made.some((test) => test(span));
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
  return (tree) => asking(tree, [field], (text) => fits(text, pattern));
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
): (span: number) => boolean {
  const statuses = STATUSES.map(ask);
  const answers = bytes();
  const [YES, NO] = [1, 2];
  const isIn = (text: number): boolean => {
    let answer = answers.held[text + 1];
    if (!answer) {
      answer = ask((spans.texts.at(text) ?? "").toLowerCase()) ? YES : NO;
      answers.set(text + 1, answer);
    }
    return answer === YES;
  };
  const columns = fields.flatMap((field) => (field === "status" ? [] : [spans[field]]));
  const withStatus = fields.includes("status");
  return (span) =>
    columns.some(({ held }) => isIn(held[span] ?? -1)) || (withStatus && statuses[spans.status.get(span)] === true);
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
  const value = Number(number);
  if (number === "" || Number.isNaN(value)) return "bad";
  const holds = (measure: number | undefined, limit: number) =>
    measure !== undefined && (sign === ">" ? measure > limit : measure < limit);
  if (name !== "") {
    if (unit !== "") return "bad";
    const measure: (sums: Sums) => number | undefined = name.toLowerCase() === "tokens" ? tokensOf : costOf;
    return (tree) => (span) => holds(measure(tree.total(span)), value);
  }
  const unit_ns = unit === "%" ? axis_ns / 100 : UNITS_NS[unit.toLowerCase()];
  if (unit_ns === undefined) return "bad";
  return ({ spans }) =>
    (span) =>
      holds(spans.end_ns.get(span) - spans.start_ns.get(span), value * unit_ns);
}
