/** Uses things in the order in which they came, though some of them take a while. */

export class Turns {
  #last: Promise<void> | undefined;

  /** Whether something has not been used yet. */
  get pending(): boolean {
    return this.#last !== undefined;
  }

  /** Uses a value at once if nothing is before it. `use` and `fail` throw nothing. */
  take<Value>(value: Value | Promise<Value>, use: (value: Value) => void, fail: (error: unknown) => void): void {
    const before = this.#last;
    if (before === undefined && !(value instanceof Promise)) {
      use(value);
      return;
    }
    const turn = Promise.allSettled([value, before]).then(([settled]) => {
      if (this.#last === turn) this.#last = undefined;
      if (settled.status === "fulfilled") use(settled.value);
      else fail(settled.reason);
    });
    this.#last = turn;
  }
}
