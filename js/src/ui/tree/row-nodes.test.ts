import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Seats } from "./row-nodes";

const seatsOf = (seats: Seats, ids: readonly string[]) => ids.map((id) => seats.of(id));

describe("seats", () => {
  test("stay with the rows that stay; where most have gone, theirs go on to those that come", () => {
    const seats = new Seats();
    seats.assign(["a", "b", "c"], false);
    expect(seatsOf(seats, ["a", "b", "c"])).toEqual([0, 1, 2]);
    seats.assign(["c", "d", "e", "f"], false);
    expect(seatsOf(seats, ["c", "d", "e", "f"])).toEqual([2, 0, 1, 3]);
    expect(seats.of("a")).toBeUndefined();
    seats.assign(["d", "e", "f", "g"], false);
    expect(seatsOf(seats, ["d", "e", "f", "g"])).toEqual([0, 1, 3, 4]);
  });

  test("are not taken over while one holds the focus", () => {
    const seats = new Seats();
    seats.assign(["a", "b"], true);
    seats.assign(["a", "c", "d"], true);
    expect(seatsOf(seats, ["a", "c", "d"])).toEqual([0, 2, 3]);
  });

  test("are each had by one row, and made only when none is free or most rows stay", () => {
    const windows = fc.array(fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 12 }), { maxLength: 20 });
    fc.assert(
      fc.property(windows, (shown) => {
        const seats = new Seats();
        let last: number[] = [];
        for (const numbers of shown) {
          const ids = numbers.map(String);
          const before = new Map(ids.map((id) => [id, seats.of(id)]));
          seats.assign(ids, false);
          const given = seatsOf(seats, ids) as number[];
          expect(new Set(given).size).toBe(ids.length);
          const made = given.filter((seat) => !last.includes(seat)).length;
          const stay = [...before.values()].filter((seat) => seat !== undefined).length;
          expect(made).toBe(2 * stay > ids.length ? ids.length - stay : Math.max(0, ids.length - last.length));
          last = given;
          for (const [id, seat] of before) if (seat !== undefined) expect(seats.of(id)).toBe(seat);
        }
      }),
    );
  });
});
