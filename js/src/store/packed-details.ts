/** The details of spans, packed as they came until somebody looks at one: most are never looked at. */

import type { DetailChunk } from "../wire/envelope";
import type { Detail } from "../wire/types.gen";
import { integers } from "./number-column";

type Lines = readonly string[];

interface Pack {
  readonly chunk: DetailChunk;
  /** The number of its first line. */
  readonly first: number;
  /** How many of its lines are, or may become, a span's detail. */
  used: number;
}

const NONE = -1;
const LEFT_OUT = -2;
/** So many details and chunks stay unpacked: those that were looked at last. */
const DETAILS = 100;
const CHUNKS = 4;

export class Packs {
  /** The line that is a span's detail. */
  readonly #line = integers(NONE);
  readonly #packs: Pack[] = [];
  #count = 0;
  /** Details that came whole. */
  readonly #whole = new Map<number, Detail>();
  /** What spans showed last, and of which line that is; it stays until a newer one is unpacked. */
  readonly #details = new Map<number, { readonly line: number; readonly detail: Detail }>();
  /** Grows by one whenever something has been unpacked. */
  unpacked = 0;
  /** Whether `get` had nothing to give yet. */
  #missed = false;
  readonly #lines = new Map<Pack, Lines | Promise<Lines>>();

  /** `arrived` is called when something is unpacked after `get` had nothing to give yet. */
  constructor(readonly arrived: () => void = () => {}) {}

  /** Takes chunks; returns a function that gives their details away, one after the other: to a span, or to none. */
  take(chunks: readonly DetailChunk[]): (span: number | undefined) => void {
    const packs: Pack[] = [];
    for (const chunk of chunks) {
      if (chunk.count === 0) continue;
      packs.push({ chunk, first: this.#count, used: chunk.count });
      this.#count += chunk.count;
    }
    this.#packs.push(...packs);
    let at = 0;
    let line = packs[0]?.first ?? 0;
    return (span) => {
      let pack = packs[at];
      if (pack !== undefined && line >= pack.first + pack.chunk.count) pack = packs[++at];
      if (pack === undefined) return;
      if (span === undefined) this.#forget(pack);
      else {
        this.#release(span);
        this.#line.set(span, line);
      }
      line++;
    };
  }

  /** Sets a detail that came whole. */
  set(span: number, detail: Detail): void {
    this.#release(span);
    this.#whole.set(span, detail);
  }

  /** There is a detail, which is not here. */
  leaveOut(span: number): void {
    this.#release(span);
    this.#line.set(span, LEFT_OUT);
  }

  has(span: number): boolean {
    return this.#whole.has(span) || this.#line.get(span) >= 0;
  }

  isLeftOut(span: number): boolean {
    return this.#line.get(span) === LEFT_OUT;
  }

  /** A promise while a span's detail is not unpacked. */
  coming(span: number): Promise<unknown> | undefined {
    const line = this.#whole.has(span) ? NONE : this.#line.get(span);
    const lines = line < 0 || this.#details.get(span)?.line === line ? undefined : this.#linesOf(this.#packOf(line));
    return lines instanceof Promise ? lines : undefined;
  }

  /** Undefined where there is none. While it is `coming`, the one before, if there is one. */
  get(span: number): Detail | undefined {
    const whole = this.#whole.get(span);
    if (whole !== undefined) return whole;
    const line = this.#line.get(span);
    if (line < 0) return undefined;
    const shown = this.#details.get(span);
    let detail = shown?.detail;
    if (shown?.line !== line) {
      const text = this.#text(line);
      if (text instanceof Promise) {
        this.#missed = true;
        return detail;
      }
      detail = parsed(text);
    }
    if (detail === undefined) this.#line.set(span, LEFT_OUT);
    else keep(this.#details, span, { line, detail }, DETAILS);
    return detail;
  }

  /** A span's detail as JSON once it is unpacked, empty if there is none here. It does not count as looked at. */
  async json(span: number): Promise<string> {
    const whole = this.#whole.get(span);
    if (whole !== undefined) return JSON.stringify(whole);
    const line = this.#line.get(span);
    return line < 0 ? "" : ((await this.#text(line)) ?? "");
  }

  /** The text of a line, which may be missing where it is damaged. */
  #text(line: number): string | undefined | Promise<string | undefined> {
    const pack = this.#packOf(line);
    const at = (lines: Lines) => lines[line - (pack?.first ?? 0)];
    const lines = this.#linesOf(pack);
    return lines instanceof Promise ? lines.then(at) : at(lines);
  }

  #linesOf(pack: Pack | undefined): Lines | Promise<Lines> {
    if (pack === undefined) return [];
    let lines = this.#lines.get(pack);
    if (lines === undefined) {
      lines = pack.chunk.lines();
      if (lines instanceof Promise) {
        // What a notebook kept may be damaged.
        lines = lines
          .catch(() => [])
          .then((unpacked) => {
            if (this.#lines.has(pack)) this.#lines.set(pack, unpacked);
            this.unpacked++;
            if (this.#missed) this.arrived();
            this.#missed = false;
            return unpacked;
          });
      }
    }
    keep(this.#lines, pack, lines, CHUNKS);
    return lines;
  }

  #release(span: number): void {
    this.#whole.delete(span);
    const line = this.#line.get(span);
    this.#line.set(span, NONE);
    if (line < 0) return;
    const pack = this.#packOf(line);
    if (pack !== undefined) this.#forget(pack);
  }

  /** One line of a pack is nobody's. */
  #forget(pack: Pack): void {
    if (--pack.used > 0) return;
    this.#lines.delete(pack);
    this.#packs.splice(this.#packs.indexOf(pack), 1);
  }

  #packOf(line: number): Pack | undefined {
    let low = 0;
    let high = this.#packs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#packs[middle] as Pack).first <= line) low = middle + 1;
      else high = middle;
    }
    return this.#packs[low - 1];
  }
}

/** `undefined` for none, and for what a notebook kept and is damaged. */
export function parsed(json: string | undefined): Detail | undefined {
  try {
    return JSON.parse(json ?? "") as Detail;
  } catch {
    return undefined;
  }
}

/** Puts a value into a map that keeps the `most` that were put last. */
function keep<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value as Key);
}
