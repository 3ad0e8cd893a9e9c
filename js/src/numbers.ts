/** A column of numbers, one a span or a row: a typed array that grows, made when there is something to put into it. */

type Values = Float64Array | Int32Array | Uint8Array;

const LEAST = 64;

export class Numbers {
  #values: Values;
  #least = LEAST;

  /** `absent` is read wherever nothing was put. */
  constructor(
    readonly Kind: new (length: number) => Values,
    readonly absent: number,
  ) {
    this.#values = new Kind(0);
  }

  get(index: number): number {
    return this.#values[index] ?? this.absent;
  }

  set(index: number, value: number): void {
    if (index >= this.#values.length) {
      if (Object.is(value, this.absent)) return;
      this.#grow(index + 1);
    }
    this.#values[index] = value;
  }

  add(index: number, value: number): void {
    this.set(index, this.get(index) + value);
  }

  /** Puts a value before the one at `index`; `count` is how many there are. */
  insert(index: number, value: number, count: number): void {
    if (count >= this.#values.length) this.#grow(count + 1);
    this.#values.copyWithin(index + 1, index, count);
    this.#values[index] = value;
  }

  /** So many will be put. */
  expect(count: number): void {
    this.#least = Math.max(this.#least, count);
  }

  /** Where `value` stands among the first `count`; -1 where it does not. */
  indexOf(value: number, count: number): number {
    const index = this.#values.indexOf(value);
    return index < count ? index : -1;
  }

  #grow(length: number): void {
    const before = this.#values;
    this.#values = new this.Kind(Math.max(length, this.#least, Math.ceil(before.length * 1.5)));
    if (this.absent !== 0) this.#values.fill(this.absent, before.length);
    this.#values.set(before);
  }
}

/** Columns of whole numbers, of whole ones from 0 to 255, of any. */
export const integers = (absent = 0): Numbers => new Numbers(Int32Array, absent);
export const bytes = (absent = 0): Numbers => new Numbers(Uint8Array, absent);
export const floats = (absent = 0): Numbers => new Numbers(Float64Array, absent);
