import { expect, test } from "vitest";
import { type Axis, placeOn, ticks, timeAt } from "./time-axis";

const SQUEEZED: Axis = { from_ns: 0, to_ns: 100, squeezed: [{ from_ns: 10, to_ns: 90 }] };

test("what is squeezed takes a twentieth of its length", () => {
  const places = [0, 10, 90, 100].map((at_ns) => placeOn(SQUEEZED, at_ns));
  expect(places.map((place) => Math.round(place * 24))).toEqual([0, 10, 14, 24]);
});

test("a place leads back to its moment", () => {
  const axes: Axis[] = [
    { from_ns: 5, to_ns: 50 },
    SQUEEZED,
    { ...SQUEEZED, from_ns: 40 },
    { ...SQUEEZED, to_ns: 50 },
    { from_ns: 0, to_ns: 100, squeezed: [...[10, 60].map((from_ns) => ({ from_ns, to_ns: from_ns + 30 }))] },
  ];
  for (const axis of axes) {
    for (let at_ns = axis.from_ns; at_ns <= axis.to_ns; at_ns++) {
      expect(timeAt(axis, placeOn(axis, at_ns))).toBeCloseTo(at_ns, 6);
    }
  }
});

test("no tick stands in what is squeezed, and ticks count from where one says", () => {
  expect(
    ticks({ from_ns: 0, to_ns: 10e9, squeezed: [{ from_ns: 1.5e9, to_ns: 8.5e9 }] }, 4).map((tick) => tick.label),
  ).toEqual(["0", "1 s", "9 s", "10 s"]);
  expect(ticks({ from_ns: 3e9, to_ns: 5e9 }, 2, 3e9).map((tick) => tick.label)).toEqual(["0", "1 s", "2 s"]);
});
