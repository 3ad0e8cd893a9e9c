import { expect, test } from "vitest";
import { treeOf } from "../../dev/trees";
import type { Row } from "../wire/types.gen";
import { idleGaps, ownTimes, selfTime_ns } from "./idle-gaps";

type Span = readonly [id: string, parent: string | undefined, start_ns: number, end_ns: number | undefined];

const tree = (...spans: readonly Span[]) =>
  treeOf(
    ...spans.map(
      ([id, parent, start_ns, end_ns]): Row => ({
        id,
        trace: "t",
        name: id,
        type: "TOOL",
        status: end_ns === undefined ? "running" : "ok",
        start_ns,
        ...(end_ns !== undefined && { end_ns }),
        ...(parent !== undefined && { parent }),
      }),
    ),
  );

test("a span's own time is what none of its children fills, however they overlap or stick out", () => {
  const overlapping = tree(["r", undefined, 0, 100], ["a", "r", 10, 40], ["b", "r", 20, 30], ["c", "r", 90, 200]);
  expect(selfTime_ns(overlapping, 0, 999)).toBe(60);
  expect(selfTime_ns(overlapping, 1, 999)).toBe(30);
  expect(selfTime_ns(tree(["r", undefined, 0, undefined], ["a", "r", -5, 20]), 0, 50)).toBe(30);
  expect(selfTime_ns(tree(["backwards", undefined, 10, 5]), 0, 50)).toBe(0);
});

test("a span's own times stand between its children, in order", () => {
  const times: number[][] = [];
  const waiting = tree(["r", undefined, 0, undefined], ["a", "r", -5, 20], ["b", "r", 30, 40], ["c", "r", 35, 45]);
  ownTimes(waiting, 0, 50, (start_ns, end_ns) => times.push([start_ns, end_ns]));
  expect(times).toEqual([
    [20, 30],
    [45, 50],
  ]);
});

test("gaps are long times in which parents only wait", () => {
  const waiting = tree(
    ["r", undefined, 0, 100],
    ["a", "r", 0, 10],
    ["b", "r", 5, 12],
    ["c", "r", 60, 70],
    ["d", "r", 75, 78],
  );
  const range = { from_ns: 0, to_ns: 100 };
  expect(idleGaps(waiting, range, 100)).toEqual([
    { from_ns: 12, to_ns: 60 },
    { from_ns: 78, to_ns: 100 },
  ]);
  expect(idleGaps(tree(["r", undefined, 0, 100]), range, 100)).toEqual([]);
});
