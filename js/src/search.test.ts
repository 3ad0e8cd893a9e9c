import { describe, expect, test } from "vitest";
import { find, following, reveal } from "./found";
import { parse } from "./query";
import { gridRows, type Opened, openByDefault } from "./rows";
import { type Arrangement, AS_THEY_CAME, sumsOf } from "./runs";
import { Tree } from "./tree";
import type { Row } from "./wire.gen";

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

function treeOf(...rows: Row[]): Tree {
  const tree = new Tree();
  for (const each of rows) tree.put(each);
  tree.settle();
  return tree;
}

const RUN = { name: "search_docs", type: "TOOL" };
const agent = treeOf(
  row("run", undefined, 0, { type: "AGENT", end_ns: 10e9 }),
  row("ask", "run", 1, {
    type: "LLM",
    name: "completion",
    model: "gpt-4o-mini",
    end_ns: 3e9,
    cost_usd: 0.02,
    tokens: { input: 900, output: 200 },
  }),
  row("flights", "run", 4e9, { type: "TOOL", name: "search flights", end_ns: 4.6e9 }),
  row("hotels", "run", 5e9, { type: "TOOL", status: "error", message: "503 Service Unavailable", end_ns: 5.1e9 }),
  row("inner", "hotels", 5e9, { type: "LLM", name: "completion", model: "claude-sonnet-5", cost_usd: 0.001 }),
);

describe("the query", () => {
  const hits = (text: string, bodies: string[] = []) =>
    [...find(agent.roots, parse(text, 10e9), new Set(bodies)).hits].map((node) => node.id);

  test.each([
    ["completion", ["ask", "inner"]],
    ["COMPLETION gpt", ["ask"]],
    ['"search flights"', ["flights"]],
    ["completion -claude", ["ask"]],
    ["503", ["hotels"]],
    ["type:llm", ["ask", "inner"]],
    ["type:tool type:agent", ["run", "flights", "hotels"]],
    ["-type:tool -type:llm", ["run"]],
    ["status:error", ["hotels"]],
    ["model:gpt*", ["ask"]],
    ['name:"search flights"', ["flights"]],
    [">500ms", ["run", "ask", "flights"]],
    [">35%", ["run"]],
    ["<200ms type:tool", ["hotels"]],
    ["tokens>1000", ["run", "ask"]],
    ["cost>0.01 type:llm", ["ask"]],
    ["nowhere", []],
    ["(.*", []],
  ])("%s finds %j", (text, expected) => expect(hits(text)).toEqual(expected));

  test("takes what the kernel has found in texts for the words only", () => {
    expect(hits("lisbon", ["ask", "flights"])).toEqual(["ask", "flights"]);
    expect(hits("lisbon type:tool", ["ask", "flights"])).toEqual(["flights"]);
  });

  test.each([
    [">5parsecs", [">5parsecs"]],
    ["tokens>many ok", ["tokens>many"]],
    ["type:", ["type:"]],
    ["a>b", []],
    ["", []],
  ])("of %s it says that %j was not understood", (text, bad) => expect(parse(text).bad).toEqual(bad));
});

describe("what was found", () => {
  test("keeps what is above it, and is counted there", () => {
    const { keep, below } = find(agent.roots, parse("model:claude*"), new Set());
    expect([...keep].map((node) => node.id).sort()).toEqual(["hotels", "inner", "run"]);
    expect(below.get(agent.nodes.get("run") as never)).toBe(1);
  });

  test("is gone through in the order of the rows, and around the end", () => {
    const step = (from: string | undefined, by: 1 | -1) =>
      following(agent.roots, AS_THEY_CAME, from, by, (node) => node.row.type === "LLM")?.id;
    expect([step(undefined, 1), step("ask", 1), step("inner", 1)]).toEqual(["ask", "inner", "ask"]);
    expect([step(undefined, -1), step("ask", -1), step("flights", -1)]).toEqual(["inner", "inner", "ask"]);
    expect(following(agent.roots, AS_THEY_CAME, "ask", 1, () => false)).toBeUndefined();
  });
});

describe("like neighbours", () => {
  const folding: Arrangement = { order: "start", keep: undefined, folds: true };
  const many = (count: number) =>
    treeOf(
      row("r", undefined, 0, { end_ns: 1e6 }),
      row("first", "r", 1),
      ...Array.from({ length: count }, (_, index) => row(`s${index}`, "r", 10 + index, RUN)),
      row("last", "r", 1e5),
    );
  const shown = (tree: Tree, opened: Opened = new Map(), pinned: string[] = []) => {
    openByDefault(tree.roots, opened, { arrangement: folding, pinned });
    return gridRows(tree.roots, (id) => opened.get(id) === true, folding).map(({ id, level }) => `${level} ${id}`);
  };

  test("stand as one row from five on", () => {
    expect(shown(many(5))).toEqual(["1 r", "2 first", "2 s0…", "2 last"]);
    expect(shown(many(4))).toHaveLength(7);
  });

  test("open in their place, one level below", () => {
    const opened: Opened = new Map([["s0…", true]]);
    expect(shown(many(5), opened).slice(2, 5)).toEqual(["2 s0…", "3 s0", "3 s1"]);
  });

  test("stay open where the reader is, and where there is nothing else", () => {
    expect(shown(many(5), new Map(), ["s3"])).toContain("3 s3");
    const alone = treeOf(...Array.from({ length: 6 }, (_, index) => row(`s${index}`, undefined, index, RUN)));
    expect(shown(alone)).toHaveLength(7);
  });

  test("are one row again when more come", () => {
    const tree = many(5);
    const opened: Opened = new Map();
    shown(tree, opened);
    tree.put(row("s5", "r", 99, RUN));
    expect(shown(tree, opened)).toEqual(["1 r", "2 first", "2 s0…", "2 last"]);
  });

  test("open for a span that is sought among them", () => {
    const tree = many(5);
    const opened: Opened = new Map();
    reveal(tree.roots, opened, tree.nodes.get("s4") as never, folding);
    expect(shown(tree, opened)).toContain("3 s4");
  });

  test("are summed up: how many, how many failed or run, the middle duration, tokens, cost", () => {
    const nodes = treeOf(
      ...[30, 10, 20].map((end_ns, index) => row(`s${index}`, undefined, 0, { end_ns, cost_usd: 0.5, type: "LLM" })),
      row("bad", undefined, 1, { status: "error", end_ns: 41, tokens: { input: 1, output: 2 } }),
      row("on", undefined, 2, { status: "running", end_ns: undefined } as Partial<Row>),
    ).roots;
    expect(sumsOf({ id: "x", nodes })).toEqual({
      count: 5,
      failed: 1,
      running: 1,
      sum_ns: 100,
      p50_ns: 30,
      tokens: 3,
      cost_usd: 1.5,
      unpriced: 0,
      start_ns: 0,
      end_ns: undefined,
    });
  });
});

describe("sorting", () => {
  test("keeps siblings within their parent, the largest first, and what runs above all", () => {
    const tree = treeOf(
      row("r", undefined, 0, { end_ns: 100 }),
      row("short", "r", 1, { end_ns: 3 }),
      row("long", "r", 2, { end_ns: 50 }),
      row("child", "short", 1, { end_ns: 2 }),
      row("on", "r", 60, { status: "running", end_ns: undefined } as Partial<Row>),
    );
    const rows = gridRows(tree.roots, () => true, { ...AS_THEY_CAME, order: "duration" });
    expect(rows.map(({ id }) => id)).toEqual(["r", "on", "long", "short", "child"]);
  });
});
