import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { idsOf, listed, put, spanOf, treeOf } from "../../dev/trees";
import { SpanNode } from "../store/span-node";
import type { Tree } from "../store/tree";
import { chipsOf } from "../ui/header/search-toolbar";
import type { Row } from "../wire/types.gen";
import { Found, following, reveal } from "./matches";
import { Opened, openByDefault } from "./open-rows";
import { type Arrangement, AS_THEY_CAME, Run, sumsOf } from "./repeats";
import { Rows } from "./rows";
import { fits, parse } from "./search-query";

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

const hitsOf = (found: Found) => idsOf(found.tree).filter((id) => found.has(spanOf(found.tree, id)));

describe("the query", () => {
  const hits = (text: string, bodies: string[] = []) => hitsOf(new Found(agent, parse(text, 10e9), new Set(bodies)));

  test.each([
    ["completion", ["ask", "inner"]],
    ["COMPLETION gpt", ["ask"]],
    ['"search flights"', ["flights"]],
    ["completion -claude", ["ask"]],
    ["503", ["hotels"]],
    ["type:llm", ["ask", "inner"]],
    ["type:l*", ["ask", "inner"]],
    ["type:tool type:agent", ["run", "flights", "hotels"]],
    ["-type:tool -type:llm", ["run"]],
    ["status:error", ["hotels"]],
    ["model:gpt*", ["ask"]],
    ["model:*", ["ask", "inner"]],
    ["-model:*", ["run", "flights", "hotels"]],
    ['name:"search flights"', ["flights"]],
    [">500ms", ["run", "ask", "flights"]],
    [">35%", ["run"]],
    ["<200ms type:tool", ["hotels"]],
    ["tokens>1000", ["run", "ask"]],
    ["cost>0.01 type:llm", ["ask"]],
    ["nowhere", []],
    ["(.*", []],
  ])("%s finds %j", (text, expected) => expect(hits(text)).toEqual(expected));

  test("has chat models among the LLMs, and among what is no LLM neither", () => {
    const mixed = treeOf(
      ...["LLM", "CHAT_MODEL", "TOOL", "my_llm"].map((type, at) => row(type, undefined, at, { type })),
    );
    const of = (text: string) => hitsOf(new Found(mixed, parse(text), new Set()));
    expect(of("type:llm")).toEqual(["LLM", "CHAT_MODEL"]);
    expect(of("-type:LLM")).toEqual(["TOOL", "my_llm"]);
    expect(of("type:chat_model")).toEqual(["CHAT_MODEL"]);
  });

  test("takes what the kernel has found in texts for the words only", () => {
    expect(hits("lisbon", ["ask", "flights"])).toEqual(["ask", "flights"]);
    expect(hits("lisbon type:tool", ["ask", "flights"])).toEqual(["flights"]);
  });

  test("leaves attributes to who has them", () => {
    const [attribute, phrase] = ['attr.City="San Marino" type:tool', '"attr.City=Lisbon"'].map(
      (text) => parse(text).deep,
    );
    expect(attribute).toEqual({ words: [], attributes: [["city", "san marino"]] });
    expect(phrase).toEqual({ words: ["attr.city=lisbon"], attributes: [] });
    expect(parse("type:tool").deep).toBeUndefined();
    expect(hits("attr.city=lisbon")).toEqual([]);
    expect(hits("attr.city=lisbon type:tool", ["ask", "flights"])).toEqual(["flights"]);
  });

  test.each([
    [">5parsecs", [">5parsecs"]],
    ["duration>5s duration<1s", ["duration>5s", "duration<1s"]],
    ['"duration>5s"', []],
    ["tokens>many ok", ["tokens>many"]],
    ["type:", ["type:"]],
    ["attr.city", ["attr.city"]],
    ["-attr.city=Lisbon", ["attr.city=Lisbon"]],
    ["a>b", []],
    ["", []],
    ["kind:llm call", ["kind:llm"]],
    ['"kind:llm" https://example.org mistral:7b a: :b 10:30', []],
  ])("of %s it says that %j was not understood", (text, bad) => expect(parse(text).bad).toEqual(bad));
});

describe("a pattern", () => {
  test("is what a regular expression would be", () => {
    const short = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 7 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 6 });
    fc.assert(
      fc.property(short, pattern, (text, like) => {
        const same = new RegExp(`^${like.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
        expect(fits(text, like)).toBe(same.test(text));
      }),
      { numRuns: 2000 },
    );
  });

  // A regular expression would be at it for longer than the test may take.
  test("never holds the page", () => {
    expect(fits("a".repeat(10_000), `${"*a".repeat(20)}*b`)).toBe(false);
    const named = treeOf(row("a".repeat(300), undefined, 0));
    expect(hitsOf(new Found(named, parse(`name:${"*a".repeat(20)}*b`), new Set()))).toEqual([]);
  });
});

describe("what was found", () => {
  test("keeps what is above it, and is counted there", () => {
    const found = new Found(agent, parse("model:claude*"), new Set());
    const kept = idsOf(agent).filter((id) => found.keep.get(spanOf(agent, id)) !== 0);
    expect(kept.sort()).toEqual(["hotels", "inner", "run"]);
    expect(found.below(spanOf(agent, "run"))).toBe(1);
    expect(found.count).toBe(1);
  });

  test("takes in a span in which a known text stands where it did not before", () => {
    const tree = treeOf(row("mistral", undefined, 0), row("ask", undefined, 1, { model: "gpt-4o" }));
    const found = new Found(tree, parse("mistral"), new Set());
    expect(hitsOf(found)).toEqual(["mistral"]);
    put(tree, row("ask", undefined, 1, { model: "mistral" }), row("more", undefined, 2, { message: "mistral" }));
    found.update();
    expect(hitsOf(found)).toEqual(["mistral", "ask", "more"]);
    const { texts, model, type } = tree.spans;
    expect([texts.of("model", model), texts.of("type", type)]).toEqual([["mistral"], ["CHAIN"]]);
  });

  test("is counted from top to bottom", () => {
    const found = new Found(agent, parse("completion"), new Set());
    const placeOf = (id: string) => found.placeOf(spanOf(agent, id), AS_THEY_CAME);
    expect([found.count, placeOf("ask"), placeOf("inner"), placeOf("run")]).toEqual([2, 1, 2, 0]);
  });

  test.each(["start", "duration", "self"] as const)("is counted as the rows stand, sorted by %s", (order) => {
    const parents = fc.array(fc.tuple(fc.nat(12), fc.nat(9), fc.boolean()), { minLength: 1, maxLength: 13 });
    fc.assert(
      fc.property(parents, fc.boolean(), (spans, inside) => {
        const tree = treeOf(
          ...spans.map(([parent, length, hit], at) =>
            row(`s${at}`, at > parent ? `s${parent}` : undefined, at, {
              ...{ end_ns: at + length, type: hit ? "TOOL" : "CHAIN" },
            }),
          ),
        );
        const top = inside ? spans.length >> 1 : undefined;
        const found = new Found(tree, parse("type:tool"), new Set(), top);
        const arrangement: Arrangement = { ...{ order, keep: found.keep, folds: false, top }, sorted: new Map() };
        const rows = new Rows(tree, () => true, arrangement);
        const hits = listed(rows).filter(({ id }) => found.has(spanOf(tree, id)));
        const places = hits.map(({ id }) => found.placeOf(spanOf(tree, id), arrangement));
        expect(places).toEqual(hits.map((_, at) => at + 1));
      }),
    );
  });

  test("is gone through in the order of the rows, and around the end", () => {
    const isLlm = (span: number) => new SpanNode(agent, span).row.type === "LLM";
    const step = (from: string | undefined, by: 1 | -1) =>
      new SpanNode(agent, following(agent, AS_THEY_CAME, from === undefined ? -1 : spanOf(agent, from), by, isLlm)).id;
    expect([step(undefined, 1), step("ask", 1), step("inner", 1)]).toEqual(["ask", "inner", "ask"]);
    expect([step(undefined, -1), step("ask", -1), step("flights", -1)]).toEqual(["inner", "inner", "ask"]);
    expect(following(agent, AS_THEY_CAME, spanOf(agent, "ask"), 1, () => false)).toBe(-1);
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
  const shown = (tree: Tree, opened = new Opened().of(tree), pinned: number[] = []) => {
    openByDefault(tree, opened, { arrangement: folding, pinned: new Set(pinned) });
    const rows = new Rows(tree, (span, isRun) => opened.get(span, isRun) === true, folding);
    return listed(rows).map(({ id, level }) => `${level} ${id}`);
  };

  test("stand as one row from five on", () => {
    expect(shown(many(5))).toEqual(["1 r", "2 first", "2 s0…", "2 last"]);
    expect(shown(many(4))).toHaveLength(7);
  });

  test("open in their place, one level below", () => {
    const tree = many(5);
    const opened = new Opened().of(tree);
    opened.set(spanOf(tree, "s0"), true, true);
    expect(shown(tree, opened).slice(2, 5)).toEqual(["2 s0…", "3 s0", "3 s1"]);
  });

  test("stay open where the reader is, and where there is nothing else", () => {
    const tree = many(5);
    expect(shown(tree, undefined, [spanOf(tree, "s3")])).toContain("3 s3");
    const alone = treeOf(...Array.from({ length: 6 }, (_, index) => row(`s${index}`, undefined, index, RUN)));
    expect(shown(alone)).toHaveLength(7);
  });

  test("are one row again when more come", () => {
    const tree = many(5);
    const opened = new Opened().of(tree);
    shown(tree, opened);
    put(tree, row("s5", "r", 99, RUN));
    expect(shown(tree, opened)).toEqual(["1 r", "2 first", "2 s0…", "2 last"]);
  });

  test("open for a span that is sought among them", () => {
    const tree = many(5);
    const opened = new Opened().of(tree);
    reveal(tree, opened, spanOf(tree, "s4"), folding);
    expect(shown(tree, opened)).toContain("3 s4");
  });

  test("are summed up: how many, how many failed or run, the middle duration, tokens, cost", () => {
    const tree = treeOf(
      ...[30, 10, 20].map((end_ns, index) => row(`s${index}`, undefined, 0, { end_ns, cost_usd: 0.5, type: "LLM" })),
      row("bad", undefined, 1, { status: "error", end_ns: 41, tokens: { input: 1, output: 2 } }),
      row("on", undefined, 2, { status: "running", end_ns: undefined } as Partial<Row>),
    );
    expect(sumsOf(new Run(tree, 0, 5))).toMatchObject({
      count: 5,
      failed: 1,
      running: 1,
      sum_ns: 100,
      p50_ns: 30,
      total: { input: 1, output: 2, cost_pico: 1.5e12, unpriced: 0 },
      from_ns: 0,
      to_ns: undefined,
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
    const rows = new Rows(tree, () => true, { ...AS_THEY_CAME, order: "duration" });
    expect(listed(rows).map(({ id }) => id)).toEqual(["r", "on", "long", "short", "child"]);
  });
});

describe("the filters to click", () => {
  const terms = (types: number, models: number) =>
    chipsOf(
      treeOf(
        ...Array.from({ length: 12 }, (_, at) =>
          row(`s${at}`, undefined, at, { type: `T${at % types}`, ...(models && { model: `m${at % models}` }) }),
        ),
      ),
    ).map(([term]) => term?.slice(0, 5));
  const count = (types: number, models: number) => {
    const all = terms(types, models);
    return [all.filter((term) => term === "type:").length, all.filter((term) => term === "model").length];
  };

  test.each([
    [12, 12, [5, 5]],
    [12, 3, [7, 3]],
    [2, 12, [2, 8]],
    [12, 1, [10, 0]],
    [12, 0, [10, 0]],
    [3, 4, [3, 4]],
  ])("of %i types and %i models are %j", (types, models, shown) => expect(count(types, models)).toEqual(shown));
});
