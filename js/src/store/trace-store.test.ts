import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnsOf, linesOf, type Sent } from "../../dev/columns";
import { idsOf, listed, spanOf } from "../../dev/trees";
import { Rows } from "../rows/rows";
import type { DetailChunk } from "../wire/envelope";
import type { Delta, Detail, Row, Snapshot, Summary, TraceLink } from "../wire/types.gen";
import { SpanNode } from "./span-node";
import { TraceStore } from "./trace-store";

/** A random tree: each span's parent is one before it, and all begin at different times. */
const trees = fc
  .array(fc.nat(), { minLength: 1, maxLength: 40 })
  .map((picks) =>
    picks.map((pick, index) => span(`s${index}`, index, index === 0 ? {} : { parent: `s${pick % index}` })),
  );

const summary: Summary = { state: "running", spans: 0, calls: 0, errors: 0, tokens: {}, unpriced: 0 };
const row = (id: string, start_ns = 0, more: Partial<Row> = {}): Row => ({
  id,
  trace: "tr",
  name: id,
  type: "LLM",
  status: "running",
  start_ns,
  ...more,
});
const snapshotOf = (seq: number, spans: Sent[]): Snapshot => ({
  v: 2,
  seq,
  cell: { label: "1" },
  origin_ms: 0,
  rows: columnsOf(spans),
  summary,
  notes: [],
});
const chunksOf = (spans: Sent[]): DetailChunk[] => {
  const lines = linesOf(spans);
  return [{ count: lines.length, lines: () => lines }];
};
/** Has a store take a snapshot or a delta, with what stands in its details. */
const show = (store: TraceStore, seq: number, ...spans: Sent[]) =>
  store.applySnapshot(snapshotOf(seq, spans), chunksOf(spans));
const tell = (store: TraceStore, seq: number, spans: Sent[], texts: [string, string][] = []) => {
  const delta: Delta = { v: 2, kind: "delta", seq, texts: texts.map(([id, text]) => ({ id, text })), summary };
  if (spans.length > 0) delta.rows = columnsOf(spans);
  return store.applyDelta(delta, chunksOf(spans), 0);
};
const span = (id: string, start_ns = 0, more: Partial<Row> = {}, detail?: Detail): Sent => ({
  row: row(id, start_ns, more),
  ...(detail && { detail }),
});
const begun = (...spans: Sent[]) => {
  const store = new TraceStore();
  show(store, 0, ...spans);
  return store;
};
const idsIn = (store: TraceStore) => [...idsOf(store.tree)].sort();

test("of the links in an edited notebook only those that are some are kept", () => {
  const store = new TraceStore();
  const links = [null, 5, { url: 5 }, { traces: 7 }, { url: "http://a", traces: 7 }, { url: "http://b", traces: [7] }];
  const good = [{ url: "http://c" }, { url: "http://d", traces: ["tr"] }];
  store.applySnapshot({ ...snapshotOf(0, []), links: [...links, ...good] as TraceLink[] });
  expect(store.links).toEqual(good);
});

describe("deltas", () => {
  test("in order are applied, and text is appended", () => {
    const store = begun();
    expect(tell(store, 1, [span("a")])).toBe("applied");
    expect(
      tell(
        store,
        2,
        [],
        [
          ["a", "Hel"],
          ["a", "lo"],
        ],
      ),
    ).toBe("applied");
    expect(SpanNode.find(store.tree, "a")?.text).toBe("Hello");
    expect(store.seq).toBe(2);
  });

  test("that come again change nothing", () => {
    const store = begun(span("a"));
    tell(store, 1, [], [["a", "x"]]);
    expect(tell(store, 1, [], [["a", "x"]])).toBe("repeat");
    expect(SpanNode.find(store.tree, "a")?.text).toBe("x");
  });

  test("after a gap give their rows but not their text, and the gap stays until a snapshot", () => {
    const store = begun(span("a"));
    expect(tell(store, 3, [span("b", 1)], [["a", "lost before"]])).toBe("gap");
    expect(idsIn(store)).toEqual(["a", "b"]);
    expect(SpanNode.find(store.tree, "a")?.text).toBe("");
    expect(tell(store, 4, [span("c", 2)])).toBe("gap");
    show(store, 4, span("a"), span("b", 1), span("c", 2));
    expect(tell(store, 5, [])).toBe("applied");
  });

  test("without a detail leave the one that is there", () => {
    const store = begun();
    tell(store, 1, [span("a", 0, {}, { inputs: 1 })]);
    tell(store, 2, [span("a", 0, { status: "ok", end_ns: 5 })]);
    expect(SpanNode.find(store.tree, "a")?.detail).toEqual({ inputs: 1 });
    expect(SpanNode.find(store.tree, "a")?.row).toMatchObject({ status: "ok", end_ns: 5 });
  });

  test("with a detail that tells the text so far go on from there", () => {
    const store = begun(span("a", 0, {}, { text: "one " }));
    tell(store, 1, [], [["a", "two "]]);
    tell(store, 2, [span("a", 0, { first_token_ns: 3 }, { text: "one two " })], [["a", "three"]]);
    expect(SpanNode.find(store.tree, "a")?.text).toBe("one two three");
  });

  test("go on from a text that is still being unpacked, and the page is told when it is", async () => {
    let told = 0;
    const store = new TraceStore(() => told++);
    const lines = Promise.resolve(['{"text":"one "}']);
    store.applySnapshot(snapshotOf(0, [span("a", 0, {}, {})]), [{ count: 1, lines: () => lines }]);
    tell(store, 1, [], [["a", "two"]]);
    const node = SpanNode.find(store.tree, "a");
    expect([node?.detail, node?.coming, node?.left_out]).toEqual([undefined, true, false]);
    await store.tree.packs.coming(0);
    expect([node?.text, node?.coming, told]).toEqual(["one two", false, 1]);
    const later = Promise.resolve(['{"text":"one two three"}']);
    store.applySnapshot(snapshotOf(2, [span("a", 0, {}, {})]), [{ count: 1, lines: () => later }]);
    expect([node?.text, node?.coming]).toEqual(["one ", true]);
    await store.tree.packs.coming(0);
    expect([node?.text, node?.coming, told]).toEqual(["one two three", false, 2]);
  });
});

describe("snapshots", () => {
  test("older than what is shown are ignored", () => {
    const store = begun(span("a"));
    tell(store, 1, [span("b", 1)]);
    expect(show(store, 0, span("a"))).toBe(false);
    expect(show(store, 0)).toBe(false);
    expect(store.tree.size).toBe(2);
  });

  test("of other spans start anew, whatever their number", () => {
    const store = begun(span("a"));
    tell(store, 1, [span("b", 1)]);
    expect(show(store, 0, span("z"))).toBe(true);
    expect(idsIn(store)).toEqual(["z"]);
    expect(store.seq).toBe(0);
  });
});

test("a whole detail replaces the short one, and a refusal is kept with its reason", () => {
  const store = begun(span("a"));
  store.applyDetail({ v: 2, kind: "detail", id: "a", detail: { inputs: "long" } });
  store.applyDetail({ v: 2, kind: "detail", id: "b", reason: "no such span" });
  expect(SpanNode.find(store.tree, "a")?.detail?.inputs).toBe("long");
  expect(store.refusals.get("b")).toBe("no such span");
});

describe("the snapshot that is kept in the notebook", () => {
  const whole = { inputs: "long", cut: 0 };
  const leftOut: Sent = { row: row("a"), left_out: true };
  const live = () => {
    const store = begun();
    tell(store, 1, [span("a", 0, {}, whole)]);
    return store;
  };
  const known = (store: TraceStore) => [
    SpanNode.find(store.tree, "a")?.detail,
    SpanNode.find(store.tree, "a")?.left_out,
  ];

  test("takes no detail away from a page that has all of it", () => {
    const store = live();
    show(store, 1, leftOut);
    expect(known(store)).toEqual([whole, false]);
    show(store, 1, span("a", 0, {}, { inputs: "lo…", cut: 1 }));
    expect(known(store)).toEqual([whole, false]);
  });

  test("says so where a page missed something, and where it is all there is", () => {
    const store = live();
    show(store, 2, leftOut);
    expect(known(store)).toEqual([undefined, true]);
    store.applyDetail({ v: 2, kind: "detail", id: "a", detail: whole });
    expect(known(store)).toEqual([whole, false]);
  });
});

/** What a trace may send: orphans, circles, ids that come again, starts in no order, that change, whole and running spans. */
const histories = fc
  .tuple(
    fc.array(fc.option(fc.nat({ max: 30 }), { nil: undefined }), { minLength: 26, maxLength: 26 }),
    fc.array(
      fc.record({
        id: fc.nat({ max: 25 }),
        start_ns: fc.nat({ max: 50 }),
        lasts_ns: fc.option(fc.nat({ max: 9 }), { nil: undefined }),
        tokens: fc.option(fc.nat({ max: 9 }), { nil: undefined }),
        failed: fc.boolean(),
      }),
      { minLength: 1, maxLength: 60 },
    ),
  )
  .map(([parents, spans]) =>
    spans.map(({ id, start_ns, lasts_ns, tokens, failed }): Sent => {
      const more: Partial<Row> = { type: "CHAIN" };
      if (parents[id] !== undefined) more.parent = `s${parents[id]}`;
      if (tokens !== undefined) more.tokens = { input: tokens };
      if (lasts_ns !== undefined) Object.assign(more, { end_ns: start_ns + lasts_ns, status: failed ? "error" : "ok" });
      return span(`s${id}`, start_ns, more, { inputs: [id, start_ns] });
    }),
  );

/** The last word on each span. */
const latestOf = (history: readonly Sent[]): Sent[] => [
  ...new Map(history.map((sent) => [sent.row.id, sent])).values(),
];

/** All that a reader could see of it. */
function seen(store: TraceStore): unknown {
  store.tree.settle();
  const rows = listed(new Rows(store.tree, () => true));
  return rows.map(({ id, node, level, posinset, setsize }) => {
    const { row: shown, detail, total } = node;
    return { id, level, posinset, setsize, shown, detail, total };
  });
}

/** Siblings that start at once stand as they came; what was told of one history decides, not the pieces it came in. */
function told(history: readonly Sent[], sizes: readonly number[]): TraceStore {
  const store = begun();
  let seq = 0;
  for (let from = 0, at = 0; from < history.length; at++) {
    const size = 1 + (sizes[at % Math.max(1, sizes.length)] ?? 0);
    tell(store, ++seq, history.slice(from, from + size));
    from += size;
  }
  return store;
}

describe("whatever comes", () => {
  test("every span is shown once, below its parent unless that is missing or would close a circle", () => {
    fc.assert(
      fc.property(histories, fc.array(fc.nat({ max: 5 })), (history, sizes) => {
        const { tree } = told(history, sizes);
        const all = listed(new Rows(tree, () => true));
        const rows = all.filter(({ run }) => run === undefined);
        const headings = all.filter(({ run }) => run !== undefined);
        const latest = latestOf(history);
        expect(rows.map(({ id }) => id).sort()).toEqual(latest.map((sent) => sent.row.id).sort());
        for (const { row: sent } of latest) {
          const span = spanOf(tree, sent.id);
          const parent = tree.parent(span);
          const wanted = sent.parent === undefined ? -1 : tree.spans.ids.find(sent.parent);
          if (parent !== -1 || wanted === -1) expect(parent).toBe(wanted);
          const isUnattached = parent === -1 && sent.parent !== undefined;
          expect(headings.some(({ run }) => [...(run?.spans() ?? [])].includes(span))).toBe(isUnattached);
        }
        expect(headings.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("siblings stand in the order of their start, rows carry their place, and sums are those of the spans", () => {
    fc.assert(
      fc.property(histories, fc.array(fc.nat({ max: 5 })), (history, sizes) => {
        const { tree } = told(history, sizes);
        tree.settle();
        const rows = listed(new Rows(tree, () => true));
        const spans = rows.filter(({ run }) => run === undefined);
        const failed = latestOf(history).filter((sent) => sent.row.status === "error").length;
        const roots = spans.filter(({ node }) => tree.parent(node.span) === -1);
        expect(roots.reduce((sum, { node }) => sum + node.total.failed, 0)).toBe(failed);
        expect(roots.reduce((sum, { node }) => sum + node.total.spans, 0)).toBe(spans.length);
        rows.forEach(({ posinset, setsize, level, node, run }, index) => {
          const before = rows.slice(0, index).findLast((other) => other.level <= level);
          const first = before === undefined || before.level < level;
          expect(posinset).toBe(first ? 1 : (before?.posinset ?? 0) + 1);
          expect(setsize).toBeGreaterThanOrEqual(posinset);
          if (!first && run === undefined) expect(before?.node.row.start_ns).toBeLessThanOrEqual(node.row.start_ns);
        });
      }),
    );
  });

  test("a view that was open from the start, opened late, twice, or after a gap shows the same", () => {
    fc.assert(
      fc.property(histories, fc.array(fc.nat({ max: 5 })), fc.nat({ max: 20 }), (history, sizes, pick) => {
        const cut = pick % (history.length + 1);
        const live = told(history, sizes);
        // What the kernel's snapshot holds: the spans in the order in which they came.
        const before = latestOf(history.slice(0, cut));
        const late = new TraceStore();
        show(late, 7, ...before);
        tell(late, 8, history.slice(cut));
        expect(seen(late)).toEqual(seen(live));
        show(late, 7, ...before);
        tell(late, 8, history.slice(cut));
        expect(seen(late)).toEqual(seen(live));
        const gap = begun(...before);
        expect(tell(gap, 9, history.slice(cut))).toBe("gap");
        show(gap, 9, ...latestOf(history));
        expect(seen(gap)).toEqual(seen(live));
      }),
    );
  });

  test("trees are the same in any order of arrival, with repeats", () => {
    fc.assert(
      fc.property(
        trees.chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
        fc.array(fc.boolean()),
        ([rows, shuffled], again) => {
          const pieces = begun();
          shuffled.forEach((each, index) => {
            tell(pieces, index + 1, [each]);
            if (again[index]) tell(pieces, index + 1, [each]);
          });
          expect(seen(pieces)).toEqual(seen(begun(...rows)));
        },
      ),
    );
  });
});
