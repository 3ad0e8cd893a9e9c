/**
 * The inline part of Markdown: emphasis, code, links, images, as CommonMark and GitHub have them; HTML stays text. What is
 * here takes time in proportion to the text, whatever is in it: https://spec.commonmark.org/0.31.2/#phase-2-inline-structure
 */

export type Inline =
  | { readonly type: "text" | "code"; readonly text: string }
  | { readonly type: "br" }
  | { readonly type: "em" | "strong" | "del"; readonly inside: readonly Inline[] }
  | { readonly type: "link" | "image"; readonly href: string; readonly inside: readonly Inline[] };

/** A run of `*`, `_` or `~` that may open or close emphasis. */
interface Run {
  readonly sign: string;
  length: number;
  readonly opens: boolean;
  readonly closes: boolean;
}

interface Bracket {
  readonly at: number;
  readonly image: boolean;
  live: boolean;
}

type Piece = Inline | Run;

const isRun = (piece: Piece): piece is Run => /* @__KEY__ */ "sign" in piece;

const SPECIAL = /[\\`*_~![\]<\n]|https?:\/\/|$/g;
const PUNCTUATION = /[\p{P}\p{S}]/u;
const TARGET =
  /\(\s*(?:<([^<>\n]{0,2000})>|([^\s()]{0,2000}(?:\([^\s()]{0,500}\)[^\s()]{0,500}){0,4}))(?:\s+(?:"[^"]{0,500}"|'[^']{0,500}'))?\s*\)/y;
const AUTOLINK = /<((?:https?:\/\/|mailto:)[^\s<>]{1,2000}|[\w.+-]{1,64}@[\w.-]{1,255})>/y;
const BARE_LINK = /https?:\/\/[^\s<]{1,2000}/y;

export function inlines(text: string): readonly Inline[] {
  return new Scanner(text).scan();
}

class Scanner {
  readonly #pieces: Piece[] = [];
  readonly #brackets: Bracket[] = [];
  /** Lengths of runs of backticks that no later run closes. */
  readonly #unclosed = new Set<number>();
  #at = 0;

  constructor(readonly text: string) {}

  scan(): readonly Inline[] {
    while (this.#at < this.text.length) {
      SPECIAL.lastIndex = this.#at;
      const next = SPECIAL.exec(this.text)?.index ?? this.text.length;
      this.#say(this.text.slice(this.#at, next));
      this.#at = next;
      if (next < this.text.length) this.#special(this.text[next] as string);
    }
    return emphasised(this.#pieces);
  }

  #special(sign: string): void {
    if (sign === "\\") this.#escape();
    else if (sign === "`") this.#code();
    else if (sign === "*" || sign === "_" || sign === "~") this.#run(sign);
    else if (sign === "\n") this.#lineBreak();
    else if (sign === "[" || this.text.startsWith("![", this.#at)) this.#open(sign === "!");
    else if (sign === "]") this.#close();
    else if (!(sign === "<" && this.#link(AUTOLINK)) && !(sign === "h" && this.#link(BARE_LINK))) {
      this.#say(sign);
      this.#at++;
    }
  }

  #say(text: string): void {
    const last = this.#pieces.at(-1);
    if (text === "") return;
    if (last === undefined || isRun(last) || last.type !== "text") this.#pieces.push({ type: "text", text });
    else this.#pieces[this.#pieces.length - 1] = { type: "text", text: last.text + text };
  }

  #escape(): void {
    const next = this.text[this.#at + 1] ?? "";
    if (next === "\n") this.#pieces.push({ type: "br" });
    else this.#say(PUNCTUATION.test(next) ? next : `\\${next}`);
    this.#at += 1 + next.length;
  }

  #lineBreak(): void {
    const last = this.#pieces.at(-1);
    const hard = this.text.startsWith("  ", this.#at - 2);
    if (hard && last !== undefined && !isRun(last) && last.type === "text") {
      this.#pieces[this.#pieces.length - 1] = { type: "text", text: last.text.trimEnd() };
      this.#pieces.push({ type: "br" });
    } else this.#say("\n");
    this.#at++;
  }

  #code(): void {
    const length = lengthOf(this.text, this.#at, "`");
    const from = this.#at + length;
    let end = this.#unclosed.has(length) ? -1 : this.text.indexOf("`".repeat(length), from);
    while (end >= 0 && lengthOf(this.text, end, "`") !== length) {
      end = this.text.indexOf("`".repeat(length), end + lengthOf(this.text, end, "`"));
    }
    if (end < 0) {
      this.#unclosed.add(length);
      this.#say("`".repeat(length));
      this.#at = from;
      return;
    }
    const code = this.text.slice(from, end).replaceAll("\n", " ");
    this.#pieces.push({ type: "code", text: /^ .*[^ ].* $/.test(code) ? code.slice(1, -1) : code });
    this.#at = end + length;
  }

  #run(sign: string): void {
    const length = lengthOf(this.text, this.#at, sign);
    const before = this.text[this.#at - 1] ?? " ";
    const after = this.text[this.#at + length] ?? " ";
    const left = !/\s/.test(after) && (!PUNCTUATION.test(after) || /\s/.test(before) || PUNCTUATION.test(before));
    const right = !/\s/.test(before) && (!PUNCTUATION.test(before) || /\s/.test(after) || PUNCTUATION.test(after));
    const within = sign === "_" && left && right;
    const opens = left && (!within || PUNCTUATION.test(before));
    const closes = right && (!within || PUNCTUATION.test(after));
    if ((sign === "~" && length > 2) || !(opens || closes)) this.#say(sign.repeat(length));
    else this.#pieces.push({ sign, length, opens, closes });
    this.#at += length;
  }

  #open(image: boolean): void {
    this.#pieces.push({ type: "text", text: image ? "![" : "[" });
    this.#brackets.push({ at: this.#pieces.length - 1, image, live: true });
    // What follows must not join the bracket's text, which goes when the link closes.
    this.#pieces.push({ type: "text", text: "" });
    this.#at += image ? 2 : 1;
  }

  #close(): void {
    const bracket = this.#brackets.pop();
    TARGET.lastIndex = this.#at + 1;
    const found = bracket?.live ? TARGET.exec(this.text) : null;
    if (bracket === undefined || found === null) {
      this.#say("]");
      this.#at++;
      return;
    }
    const inside = emphasised(this.#pieces.splice(bracket.at).slice(1));
    const href = (found[1] ?? found[2] ?? "").replace(/\\(?=[!-/:-@[-`{-~])/g, "");
    this.#pieces.push({ type: bracket.image ? "image" : "link", href, inside });
    if (!bracket.image) this.#brackets.length = 0; // no link within a link
    this.#at = TARGET.lastIndex;
  }

  #link(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text);
    if (found === null) return false;
    const text = found[1] ?? trimmed(found[0]);
    const href = /^[a-z]+:/.test(text) ? text : `mailto:${text}`;
    this.#pieces.push({ type: "link", href, inside: [{ type: "text", text }] });
    this.#at += found[1] === undefined ? text.length : found[0].length;
    return true;
  }
}

function lengthOf(text: string, from: number, sign: string): number {
  let to = from;
  while (text[to] === sign) to++;
  return to - from;
}

/** A bare address without the punctuation of the sentence around it. */
function trimmed(url: string): string {
  const plain = url.replace(/[?!.,:;*_~'"\]]+$/, "");
  return plain.endsWith(")") && !plain.includes("(") ? plain.slice(0, -1) : plain;
}

const NAMES = { "~": "del", 1: "em", 2: "strong" } as const;

/** Pairs the runs; those that find no partner become text. Each closer looks no further back than one like it did. */
function emphasised(pieces: readonly Piece[]): readonly Inline[] {
  const out: Piece[] = [];
  const openers: number[] = [];
  const bottoms = new Map<string, number>();
  for (const piece of pieces) {
    if (!isRun(piece)) {
      out.push(piece);
      continue;
    }
    const run: Run = { ...piece };
    while (run.closes && run.length > 0) {
      const kind = `${run.sign}${run.opens}${run.length % 3}`;
      const at = openerFor(run, out, openers, bottoms.get(kind) ?? 0);
      if (at < 0) {
        bottoms.set(kind, openers.length);
        break;
      }
      const place = openers[at] as number;
      openers.length = at;
      const opener = out[place] as Run;
      const used = run.sign === "~" ? run.length : run.length > 1 && opener.length > 1 ? 2 : 1;
      const inside = out.splice(place + 1).map(asText);
      opener.length -= used;
      run.length -= used;
      if (opener.length === 0) out.pop();
      else openers.push(place);
      out.push({ type: run.sign === "~" ? NAMES["~"] : NAMES[used as 1 | 2], inside });
    }
    if (run.length === 0) continue;
    if (run.opens) openers.push(out.length);
    out.push(run);
  }
  return out.map(asText);
}

function openerFor(run: Run, out: readonly Piece[], openers: readonly number[], bottom: number): number {
  for (let at = openers.length - 1; at >= bottom; at--) {
    const opener = out[openers[at] as number] as Run;
    if (opener.sign !== run.sign) continue;
    if (run.sign === "~") {
      if (opener.length === run.length) return at;
      continue;
    }
    const odd = (opener.closes || run.opens) && (opener.length + run.length) % 3 === 0;
    if (!odd || (opener.length % 3 === 0 && run.length % 3 === 0)) return at;
  }
  return -1;
}

const asText = (piece: Piece): Inline =>
  isRun(piece) ? { type: "text", text: piece.sign.repeat(piece.length) } : piece;

/** All text in it, without recursion. */
export function plain(list: readonly Inline[]): string {
  const said: string[] = [];
  const stack = [...list].reverse();
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if ("text" in item) said.push(item.text);
    else if (item.type !== "br") stack.push(...[...item.inside].reverse());
    else said.push("\n");
  }
  return said.join("");
}
