/** Span ids and their numbers, in the order in which they came: bytes and a hash table, without an object a span. */

import { integers } from "./number-column";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Ids {
  size = 0;
  #bytes = new Uint8Array(1024);
  readonly #ends = integers();
  /** Numbers of ids, one more than they are; 0 is free. At least half is. */
  #slots = new Int32Array(256);

  /** The number of an id; -1 of one that is not here. */
  find(id: string): number {
    const [from, to] = this.#write(id);
    return (this.#slots[this.#slotOf(from, to)] as number) - 1;
  }

  /** The number of an id, which is `size` before, if it is new. */
  add(id: string): number {
    const [from, to] = this.#write(id);
    let slot = this.#slotOf(from, to);
    const known = this.#slots[slot] as number;
    if (known > 0) return known - 1;
    if (2 * (this.size + 1) > this.#slots.length) {
      this.#rehash(this.#slots.length * 2);
      slot = this.#slotOf(from, to);
    }
    this.#ends.set(this.size, to);
    this.#slots[slot] = ++this.size;
    return this.size - 1;
  }

  at(number: number): string {
    return decoder.decode(this.#bytes.subarray(this.#startOf(number), this.#ends.get(number)));
  }

  /** So many ids of such a length will come. */
  expect(count: number, characters: number): void {
    this.#ends.expect(count);
    this.#reserve(count * (characters + 1));
    let length = this.#slots.length;
    while (length < 2 * count + 2) length *= 2;
    if (length > this.#slots.length) this.#rehash(length);
  }

  #startOf(number: number): number {
    return number === 0 ? 0 : this.#ends.get(number - 1);
  }

  /** Writes an id behind the others, where it stays if it is added. */
  #write(id: string): [from: number, to: number] {
    const from = this.size === 0 ? 0 : this.#ends.get(this.size - 1);
    this.#reserve(from + id.length * 3);
    const bytes = this.#bytes;
    for (let index = 0; index < id.length; index++) {
      const code = id.charCodeAt(index);
      if (code > 0x7f) return [from, from + encoder.encodeInto(id, bytes.subarray(from)).written];
      bytes[from + index] = code;
    }
    return [from, from + id.length];
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const before = this.#bytes;
    this.#bytes = new Uint8Array(Math.max(length, Math.ceil(before.length * 1.5)));
    this.#bytes.set(before);
  }

  /** Where the id that stands in these bytes is, or would be. */
  #slotOf(from: number, to: number): number {
    const bytes = this.#bytes;
    const mask = this.#slots.length - 1;
    let hash = 0x811c9dc5;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const found = this.#slots[slot] as number;
      if (found === 0 || this.#isSame(found - 1, from, to)) return slot;
    }
  }

  #isSame(number: number, from: number, to: number): boolean {
    const start = this.#startOf(number);
    if (this.#ends.get(number) - start !== to - from) return false;
    for (let at = from; at < to; at++) if (this.#bytes[at] !== this.#bytes[start + at - from]) return false;
    return true;
  }

  #rehash(length: number): void {
    this.#slots = new Int32Array(length);
    for (let number = 0; number < this.size; number++) {
      this.#slots[this.#slotOf(this.#startOf(number), this.#ends.get(number))] = number + 1;
    }
  }
}
