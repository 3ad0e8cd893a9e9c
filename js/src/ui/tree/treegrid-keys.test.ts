import { expect, test } from "vitest";
import type { GridRow } from "../../rows/rows";
import { keyed } from "./treegrid-keys";

const row = (level: number, open?: boolean): GridRow => ({
  id: "",
  node: {} as never,
  run: undefined,
  level,
  posinset: 1,
  setsize: 1,
  open,
});
const rows = [row(1, true), row(2, false), row(2, true), row(3), row(1)];

test.each([
  ["ArrowDown", 0, { index: 1 }],
  ["ArrowDown", 4, { index: 4 }],
  ["ArrowUp", 0, { index: 0 }],
  ["Home", 3, { index: 0 }],
  ["End", 1, { index: 4 }],
  ["PageDown", 1, { index: 4 }],
  ["PageUp", 4, { index: 1 }],
  ["ArrowRight", 1, { index: 1, open: true }],
  ["ArrowRight", 2, { index: 3 }],
  ["ArrowRight", 3, { index: 3 }],
  ["ArrowLeft", 2, { index: 2, open: false }],
  ["ArrowLeft", 3, { index: 2 }],
  ["ArrowLeft", 1, { index: 0 }],
  ["ArrowLeft", 4, { index: 4 }],
  ["Enter", 3, { index: 3, select: true }],
  [" ", 3, { index: 3, select: true }],
])("%s on row %d gives %o", (key, at, expected) => expect(keyed(key, rows, at, 3)).toEqual(expected));

test.each(["a", "Tab", "Escape", "F5"])("%s is not the grid's", (key) =>
  expect(keyed(key, rows, 0, 3)).toBeUndefined(),
);
