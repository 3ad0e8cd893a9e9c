import { expect, test } from "vitest";
import { type Axis, placeOn, ticks, timeAt } from "./timescale";

const SQUEEZED: Axis = { start_ns: 0, end_ns: 100, squeezed: [{ start_ns: 10, end_ns: 90 }] };

test("what is squeezed takes a twentieth of its length", () => {
  const places = [0, 10, 90, 100].map((at_ns) => placeOn(SQUEEZED, at_ns));
  expect(places.map((place) => Math.round(place * 24))).toEqual([0, 10, 14, 24]);
});

test("a place leads back to its moment", () => {
  const axes: Axis[] = [
    { start_ns: 5, end_ns: 50 },
    SQUEEZED,
    { ...SQUEEZED, start_ns: 40 },
    { ...SQUEEZED, end_ns: 50 },
    { start_ns: 0, end_ns: 100, squeezed: [...[10, 60].map((start_ns) => ({ start_ns, end_ns: start_ns + 30 }))] },
  ];
  for (const axis of axes) {
    for (let at_ns = axis.start_ns; at_ns <= axis.end_ns; at_ns++) {
      expect(timeAt(axis, placeOn(axis, at_ns))).toBeCloseTo(at_ns, 6);
    }
  }
});

test("no tick stands in what is squeezed, and ticks count from where one says", () => {
  expect(
    ticks({ start_ns: 0, end_ns: 10e9, squeezed: [{ start_ns: 1.5e9, end_ns: 8.5e9 }] }, 4).map((tick) => tick.label),
  ).toEqual(["0", "1 s", "9 s", "10 s"]);
  expect(ticks({ start_ns: 3e9, end_ns: 5e9 }, 2, 3e9).map((tick) => tick.label)).toEqual(["0", "1 s", "2 s"]);
});
