/** A column of numbers, one a span or a row: a typed array that grows, made when there is something to put into it. */

type Values = Float64Array | Int32Array | Uint8Array;

const LEAST = 64;

export class Numbers {
  /**
   * What was put; `absent` behind its end. Where many columns are read in one place, all of a kind, reading this is several
   * times faster than `get`, which is slow for having to do with all kinds.
   */
  held: Values;
  #least = LEAST;

  /** `absent` is read wherever nothing was put. */
  constructor(
    readonly Kind: new (length: number) => Values,
    readonly absent: number,
  ) {
    this.held = new Kind(0);
  }

  get(index: number): number {
    return this.held[index] ?? this.absent;
  }

  set(index: number, value: number): void {
    if (index >= this.held.length) {
      if (Object.is(value, this.absent)) return;
      this.#grow(index + 1);
    }
    this.held[index] = value;
  }

  add(index: number, value: number): void {
    this.set(index, this.get(index) + value);
  }

  /** Puts values before the one at `index`; `count` is how many there are. */
  insert(index: number, count: number, ...values: number[]): void {
    this.room(count + values.length).copyWithin(index + values.length, index, count);
    this.held.set(values, index);
  }

  /** Takes out `number` values from the one at `index` on; `count` is how many there are. */
  remove(index: number, count: number, number: number): void {
    this.held.copyWithin(index, index + number, count);
  }

  /** Makes room for so many; what holds them until there are more. */
  room(count: number): Values {
    if (count > this.held.length) this.#grow(count);
    return this.held;
  }

  /** So many will be put. */
  expect(count: number): void {
    this.#least = Math.max(this.#least, count);
  }

  /** Where `value` stands among the first `count`; -1 where it does not. */
  indexOf(value: number, count: number): number {
    const index = this.held.indexOf(value);
    return index < count ? index : -1;
  }

  #grow(length: number): void {
    const before = this.held;
    this.held = new this.Kind(Math.max(length, this.#least, Math.ceil(before.length * 1.5)));
    if (this.absent !== 0) this.held.fill(this.absent, before.length);
    this.held.set(before);
  }
}

/** Columns of whole numbers, of whole ones from 0 to 255, of any. */
export const integers = (absent = 0): Numbers => new Numbers(Int32Array, absent);
export const bytes = (absent = 0): Numbers => new Numbers(Uint8Array, absent);
export const floats = (absent = 0): Numbers => new Numbers(Float64Array, absent);
