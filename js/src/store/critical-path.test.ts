import { expect, test } from "vitest";
import { treeOf } from "../../dev/trees";
import type { Row } from "../wire/types.gen";
import { criticalPath } from "./critical-path";

/** A tree of [id, parent, start, end]; an end of 0 is that of a span that still runs. */
function pathOf(spans: [string, string | undefined, number, number][], now_ns = 100): Record<string, number> {
  const rows = spans.map(([id, parent, start_ns, end_ns]): Row => {
    const ended = end_ns === 0 ? ({ status: "running" } as const) : ({ status: "ok", end_ns } as const);
    const above = parent === undefined ? {} : { parent };
    return { id, trace: "t", name: id, type: "TOOL", start_ns, ...ended, ...above };
  });
  const tree = treeOf(...rows);
  return Object.fromEntries([...criticalPath(tree, now_ns)].map(([span, on_ns]) => [tree.spans.ids.at(span), on_ns]));
}

test("goes through the child that ended last, then through what ended before that one began", () => {
  const spans: [string, string | undefined, number, number][] = [
    ["r", undefined, 0, 100],
    ["a", "r", 10, 40],
    ["beside a", "r", 10, 30],
    ["b", "r", 50, 90],
  ];
  expect(pathOf(spans)).toEqual({ r: 30, a: 30, b: 40 });
});

test("has the length of the trace", () => {
  const path = pathOf([
    ["r", undefined, 0, 100],
    ["a", "r", 0, 60],
    ["b", "r", 20, 95],
    ["b1", "b", 30, 80],
  ]);
  expect(path).toEqual({ r: 25, b: 25, b1: 50 });
});

test("counts a child that outlives its parent up to the parent's end", () => {
  expect(
    pathOf([
      ["r", undefined, 0, 50],
      ["late", "r", 20, 80],
    ]),
  ).toEqual({ r: 20, late: 30 });
});

test("runs to now through what still runs, and through several roots", () => {
  expect(
    pathOf([
      ["a", undefined, 0, 40],
      ["b", undefined, 40, 0],
    ]),
  ).toEqual({ a: 40, b: 60 });
});

test("is not stopped by spans without a length or that end before they begin", () => {
  expect(
    pathOf([
      ["r", undefined, 0, 50],
      ["nothing", "r", 20, 20],
      ["back", "r", 30, 10],
    ]),
  ).toEqual({ r: 50 });
});
