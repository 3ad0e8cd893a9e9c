import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TraceStore } from "./store";
import type { Delta, Row, Snapshot, Summary } from "./wire.gen";

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
const snapshot = (seq: number, rows: Row[]): Snapshot => ({
  v: 1,
  seq,
  cell: { label: "1" },
  origin_ms: 0,
  spans: rows.map((each) => ({ row: each })),
  summary,
  notes: [],
});
const delta = (seq: number, ...changes: Delta["changes"]): Delta => ({ v: 1, kind: "delta", seq, changes, summary });
const span = (each: Row) => ({ op: "span" as const, row: each });
const text = (id: string, piece: string) => ({ op: "text" as const, id, text: piece });
const begun = (...rows: Row[]) => {
  const store = new TraceStore();
  store.applySnapshot(snapshot(0, rows));
  return store;
};

describe("deltas", () => {
  test("in order are applied, and text is appended", () => {
    const store = begun();
    expect(store.applyDelta(delta(1, span(row("a"))), 0)).toBe("applied");
    expect(store.applyDelta(delta(2, text("a", "Hel"), text("a", "lo")), 0)).toBe("applied");
    expect(store.tree.nodes.get("a")?.text).toBe("Hello");
    expect(store.seq).toBe(2);
  });

  test("that come again change nothing", () => {
    const store = begun(row("a"));
    store.applyDelta(delta(1, text("a", "x")), 0);
    expect(store.applyDelta(delta(1, text("a", "x")), 0)).toBe("repeat");
    expect(store.tree.nodes.get("a")?.text).toBe("x");
  });

  test("after a gap give their rows but not their text, and the gap stays until a snapshot", () => {
    const store = begun(row("a"));
    expect(store.applyDelta(delta(3, span(row("b", 1)), text("a", "lost before")), 0)).toBe("gap");
    expect([...store.tree.nodes.keys()]).toEqual(["a", "b"]);
    expect(store.tree.nodes.get("a")?.text).toBe("");
    expect(store.applyDelta(delta(4, span(row("c", 2))), 0)).toBe("gap");
    store.applySnapshot(snapshot(4, [row("a"), row("b", 1), row("c", 2)]));
    expect(store.applyDelta(delta(5), 0)).toBe("applied");
  });

  test("without a detail leave the one that is there", () => {
    const store = begun();
    store.applyDelta(delta(1, { op: "span", row: row("a"), detail: { inputs: 1 } }), 0);
    store.applyDelta(delta(2, span(row("a", 0, { status: "ok", end_ns: 5 }))), 0);
    expect(store.tree.nodes.get("a")?.detail).toEqual({ inputs: 1 });
  });
});

describe("snapshots", () => {
  test("older than what is shown are ignored", () => {
    const store = begun(row("a"));
    store.applyDelta(delta(1, span(row("b", 1))), 0);
    expect(store.applySnapshot(snapshot(0, [row("a")]))).toBe(false);
    expect(store.applySnapshot(snapshot(0, []))).toBe(false);
    expect(store.tree.nodes.size).toBe(2);
  });

  test("of other spans start anew, whatever their number", () => {
    const store = begun(row("a"));
    store.applyDelta(delta(1, span(row("b", 1))), 0);
    expect(store.applySnapshot(snapshot(0, [row("z")]))).toBe(true);
    expect([...store.tree.nodes.keys()]).toEqual(["z"]);
    expect(store.seq).toBe(0);
  });
});

test("a whole detail replaces the short one, and a refusal is kept with its reason", () => {
  const store = begun(row("a"));
  store.applyDetail({ v: 1, kind: "detail", id: "a", detail: { inputs: "long" } });
  store.applyDetail({ v: 1, kind: "detail", id: "b", reason: "no such span" });
  expect(store.tree.nodes.get("a")?.detail?.inputs).toBe("long");
  expect(store.refusals.get("b")).toBe("no such span");
});

describe("the snapshot that is kept in the notebook", () => {
  const whole = { inputs: "long", cut: 0 };
  const kept = (seq: number, detail?: Snapshot["spans"][number]["detail"]): Snapshot => ({
    ...snapshot(seq, []),
    spans: [detail === undefined ? { row: row("a"), left_out: true } : { row: row("a"), detail }],
  });
  const live = () => {
    const store = begun();
    store.applyDelta(delta(1, { op: "span", row: row("a"), detail: whole }), 0);
    return store;
  };

  test("takes no detail away from a page that has all of it", () => {
    const store = live();
    store.applySnapshot(kept(1));
    expect(store.tree.nodes.get("a")).toMatchObject({ detail: whole, left_out: false });
    store.applySnapshot(kept(1, { inputs: "lo…", cut: 1 }));
    expect(store.tree.nodes.get("a")?.detail).toBe(whole);
  });

  test("says so where a page missed something, and where it is all there is", () => {
    const store = live();
    store.applySnapshot(kept(2));
    expect(store.tree.nodes.get("a")).toMatchObject({ detail: undefined, left_out: true });
    store.applyDetail({ v: 1, kind: "detail", id: "a", detail: whole });
    expect(store.tree.nodes.get("a")).toMatchObject({ detail: whole, left_out: false });
  });
});

/** A random tree: each span's parent is one before it. */
const trees = fc
  .array(fc.nat(), { minLength: 1, maxLength: 40 })
  .map((picks) =>
    picks.map((pick, index) => row(`s${index}`, index, index === 0 ? {} : { parent: `s${pick % index}` })),
  );

const shapeOf = (store: TraceStore) =>
  [...store.tree.nodes.values()]
    .map((node) => `${node.id} < ${node.parent?.id}: ${node.children.map((child) => child.id)}`)
    .sort();

test("any order of arrival, in any pieces and with repeats, gives the same tree", () => {
  fc.assert(
    fc.property(
      trees.chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
      fc.array(fc.boolean()),
      ([rows, shuffled], again) => {
        const whole = begun(...rows);
        const pieces = begun();
        shuffled.forEach((each, index) => {
          pieces.applyDelta(delta(index + 1, span(each)), 0);
          if (again[index]) pieces.applyDelta(delta(index + 1, span(each)), 0);
        });
        expect(shapeOf(pieces)).toEqual(shapeOf(whole));
      },
    ),
  );
});
