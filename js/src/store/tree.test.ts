import { describe, expect, test } from "vitest";
import { listed, put, spanOf, treeOf } from "../../dev/trees";
import { Found, following } from "../rows/matches";
import { Opened, openByDefault } from "../rows/open-rows";
import { AS_THEY_CAME } from "../rows/repeats";
import { Rows, windowOf } from "../rows/rows";
import { parse } from "../rows/search-query";
import type { Row } from "../wire/types.gen";
import { costOf, tokensOf } from "./rollup";
import { SpanNode } from "./span-node";
import type { Tree } from "./tree";

const row = (id: string, parent: string | undefined, start_ns: number, more: Partial<Row> = {}): Row => ({
  id,
  trace: "tr",
  name: id,
  type: "CHAIN",
  status: "ok",
  start_ns,
  end_ns: start_ns + 1,
  ...(parent === undefined ? {} : { parent }),
  ...more,
});
const shown = (tree: Tree, opened = new Opened().of(tree), most_rows?: number): string[] => {
  openByDefault(tree, opened, { most_rows });
  return listed(new Rows(tree, (span, isRun) => opened.get(span, isRun) === true)).map(
    ({ id, level }) => `${"  ".repeat(level - 1)}${id}`,
  );
};

describe("order", () => {
  test("is by start, whatever came first, and by arrival where that is the same", () => {
    const tree = treeOf(
      row("b", "r", 5),
      row("c", "r", 9),
      row("r", undefined, 0),
      row("a", "r", 1),
      row("b2", "r", 5),
    );
    expect(shown(tree)).toEqual(["r", "  a", "  b", "  b2", "  c"]);
  });

  test("follows a start that is corrected later", () => {
    const tree = treeOf(row("r", undefined, 0), row("a", "r", 1), row("b", "r", 2));
    put(tree, row("a", "r", 3));
    expect(shown(tree)).toEqual(["r", "  b", "  a"]);
  });
});

describe("what is not a tree", () => {
  test("spans without their parents stand in one row, behind the roots, until the parents come", () => {
    const tree = treeOf(row("a", "late", 1), row("b", "a", 2), row("c", "never", 0), row("root", undefined, 3));
    expect(shown(tree)).toEqual(["root", "c…", "  c", "  a", "    b"]);
    const heading = new Rows(tree, () => true).at(1)?.run;
    expect([heading?.name, heading?.count]).toEqual(["Unattached spans", 2]);
    put(tree, row("late", undefined, 4));
    expect(shown(tree)).toEqual(["root", "late", "  a", "    b", "c…", "  c"]);
    put(tree, row("never", undefined, 0));
    expect(shown(tree)).toEqual(["never", "  c", "root", "late", "  a", "    b"]);
  });

  test("they stand in that row also when they are named like the last root", () => {
    const like = (id: string, parent: string | undefined, start_ns: number) =>
      row(id, parent, start_ns, { name: "call" });
    for (const roots of [1, 5]) {
      const all = Array.from({ length: roots }, (_, index) => like(`r${index}`, undefined, index));
      const tree = treeOf(...all, like("u1", "never", 10), like("u2", "gone", 11));
      for (const folds of [false, true]) {
        const rows = listed(new Rows(tree, () => false, { order: "start", keep: undefined, folds }));
        expect(rows.at(-1)?.run).toMatchObject({ name: "Unattached spans", count: 2 });
        expect(rows).toHaveLength(folds && roots === 5 ? 2 : roots + 1);
      }
    }
  });

  test("one goes from one to the next of them, and out again", () => {
    const tree = treeOf(row("a", undefined, 0), row("u1", "never", 1), row("u2", "gone", 2));
    const backwards = ["u2", "u1", "a", "u2"];
    for (const [at, id] of backwards.slice(0, -1).entries()) {
      const span = following(tree, AS_THEY_CAME, spanOf(tree, id), -1, () => true);
      expect(new SpanNode(tree, span).id).toBe(backwards[at + 1]);
    }
  });

  test("when they are sorted or sought, they stand among the roots", () => {
    const tree = treeOf(row("a", "never", 0, { end_ns: 5 }), row("root", undefined, 1));
    const { keep } = new Found(tree, parse("name:a"), new Set());
    for (const arrangement of [
      { order: "duration", keep: undefined, folds: true } as const,
      { order: "start", keep, folds: false } as const,
    ]) {
      expect(new Rows(tree, () => true, arrangement).at(0)).toMatchObject({ id: "a", run: undefined });
    }
  });

  test("a cycle is cut, and each of its spans stands there once", () => {
    const tree = treeOf(row("a", "c", 0), row("b", "a", 1), row("c", "b", 2), row("self", "self", 3));
    expect(
      shown(tree)
        .map((line) => line.trim())
        .sort(),
    ).toEqual(["a", "a…", "b", "c", "self"]);
  });

  test("a chain of 5,000 is neither too deep to build, to sum nor to show, from either end", () => {
    const rows = Array.from({ length: 5000 }, (_, index) =>
      row(`s${index}`, index === 0 ? undefined : `s${index - 1}`, index, { type: "LLM", tokens: { input: 1 } }),
    );
    for (const order of [rows, [...rows].reverse()]) {
      const tree = treeOf(...order);
      expect(shown(tree, undefined, 10_000)).toHaveLength(5000);
      expect(tokensOf(tree.total(spanOf(tree, "s0")))).toBe(1);
    }
  });
});

describe("what stands open", () => {
  test("goes along failures first, as far as the rows suffice", () => {
    const children = ["a", "b", "c"].flatMap((name, at) => [
      row(name, "r", at),
      ...[1, 2, 3].map((number) => row(`${name}${number}`, name, at, { status: name === "c" ? "error" : "ok" })),
    ]);
    const deep = [row("c11", "c1", 2), row("c111", "c11", 2, { status: "error" })];
    const tree = treeOf(row("r", undefined, 0), ...children, ...deep);
    const alongC = ["  c", "    c1", "      c11", "        c111", "    c2", "    c3"];
    expect(shown(tree, undefined, 9)).toEqual(["r", "  a", "  b", ...alongC]);
    expect(shown(tree, undefined, 12)).toEqual(["r", "  a", "    a1", "    a2", "    a3", "  b", ...alongC]);
  });

  test("is everything up to the limit, and nothing deeper", () => {
    const tree = treeOf(row("r", undefined, 0));
    for (let agent = 0; agent < 3; agent++) {
      put(tree, row(`a${agent}`, "r", agent * 10 + 1));
      for (let step = 0; step < 4; step++) put(tree, row(`a${agent}s${step}`, `a${agent}`, agent * 10 + 2 + step));
    }
    expect(shown(tree)).toHaveLength(16);
    expect(shown(tree, undefined, 9)).toEqual([
      "r",
      "  a0",
      "    a0s0",
      "    a0s1",
      "    a0s2",
      "    a0s3",
      "  a1",
      "  a2",
    ]);
  });

  test("stays as it was decided while the tree grows past the limit", () => {
    const tree = treeOf(row("r", undefined, 0), row("a", "r", 1), row("a1", "a", 2));
    const opened = new Opened().of(tree);
    shown(tree, opened, 4);
    for (let index = 0; index < 10; index++) put(tree, row(`x${index}`, "a", 3 + index));
    expect(shown(tree, opened, 4)).toHaveLength(13);
  });

  test("rows carry level, position and number of siblings, and leaves are neither open nor closed", () => {
    const tree = treeOf(row("r", undefined, 0), row("a", "r", 1), row("b", "r", 2));
    const rows = new Rows(tree, (span) => span === spanOf(tree, "r"));
    expect(listed(rows).map(({ level, posinset, setsize, open }) => [level, posinset, setsize, open])).toEqual([
      [1, 1, 1, true],
      [2, 1, 2, undefined],
      [2, 2, 2, undefined],
    ]);
  });
});

describe("the window of rows", () => {
  test("holds what is in sight, some to spare, and the pinned row", () => {
    expect(windowOf(1000, 260, 52, 26, 0, 1)).toEqual([0, 9, 10, 11, 12]);
    expect(windowOf(1000, 0, 52, 26, 999, 0)).toEqual([0, 1, 999]);
    expect(windowOf(2, 5000, 52, 26, 5, 6)).toEqual([]);
  });
});

describe("sums", () => {
  const totalOf = (tree: Tree, id: string) => tree.total(spanOf(tree, id));
  const call = (id: string, parent: string, start_ns: number, more: Partial<Row> = {}) =>
    row(id, parent, start_ns, { type: "LLM", tokens: { input: 10, output: 2 }, cost_usd: 0.1, ...more });

  test("of a parent are those of the calls below it, once, even if it repeats them itself", () => {
    const tree = treeOf(
      call("a", "r", 1),
      call("b", "r", 2),
      row("r", undefined, 0, { tokens: { input: 20, output: 4 } }),
    );
    expect(tokensOf(totalOf(tree, "r"))).toBe(24);
    expect(costOf(totalOf(tree, "r"))).toBe(0.2);
  });

  test("stay exact through many changes", () => {
    const tree = treeOf(row("r", undefined, 0));
    for (let index = 0; index < 100; index++) put(tree, call(`c${index}`, "r", index, { cost_usd: 0.1 }));
    tree.settle();
    for (let index = 0; index < 100; index++) put(tree, call(`c${index}`, "r", index, { cost_usd: 0.3 }));
    tree.settle();
    expect(costOf(totalOf(tree, "r"))).toBe(30);
  });

  test("say how many calls have no price, and how many spans failed", () => {
    const { cost_usd: _, ...free } = call("free", "r", 2);
    const tree = treeOf(row("r", undefined, 0), call("a", "r", 1), free, call("bad", "r", 3, { status: "error" }));
    const total = totalOf(tree, "r");
    expect([total.unpriced, total.failed, total.spans]).toEqual([1, 1, 4]);
  });

  test("move along when a span gets another parent", () => {
    const tree = treeOf(row("r", undefined, 0), row("x", "r", 1), row("y", "r", 2), call("a", "x", 3));
    put(tree, call("a", "y", 3));
    tree.settle();
    expect(tokensOf(totalOf(tree, "x"))).toBeUndefined();
    expect(tokensOf(totalOf(tree, "y"))).toBe(12);
    expect(tokensOf(totalOf(tree, "r"))).toBe(12);
  });
});
