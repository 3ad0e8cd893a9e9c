import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { manySpans } from "../../dev/crowds";
import { listed, put } from "../../dev/trees";
import { ROOT, Tree } from "../store/tree";
import { rowsOf } from "../view/use-rows";
import type { Row } from "../wire/types.gen";
import { Found } from "./matches";
import { OPEN_ROWS, Opened } from "./open-rows";
import type { Rows } from "./rows";
import { parse } from "./search-query";

const FOLDED = { order: "start", keep: undefined, folds: true } as const;

const seen = (rows: Rows) => ({
  flat: rows.flat,
  rows: listed(rows).map(({ id, level, posinset, setsize, open, run }) => [
    id,
    level,
    posinset,
    setsize,
    open,
    run?.count,
  ]),
});

/** The rows of a search by the plain rule: what is kept, parents before children, nothing below what is closed. */
function kept(tree: Tree, keep: Found["keep"], closed: Opened, top: number | undefined) {
  const below = (siblings: number[], level: number): unknown[] => {
    const set = siblings.filter((span) => keep.get(span) !== 0);
    return set.flatMap((span, index) => {
      const inside = [...tree.childrenOf(span)];
      const open = inside.length === 0 ? undefined : closed.get(span, false) !== false;
      const row = [tree.spans.ids.at(span), level, index + 1, set.length, open, undefined];
      return [row, ...(open === true ? below(inside, level + 1) : [])];
    });
  };
  return below(top === undefined ? [...tree.childrenOf(ROOT)] : [top], 1);
}

/** So many stand there before, nearly as many as open by default, in two levels. */
const FIRST = OPEN_ROWS - 10;
const first = (level2: number) =>
  Array.from(
    { length: FIRST },
    (_, index): Row => ({
      id: `s${index}`,
      trace: "tr",
      name: `n${index}`,
      type: "TOOL",
      status: "ok",
      start_ns: index,
      ...(index > 0 && { parent: index <= level2 ? "s0" : "s1" }),
    }),
  );

const rarely = <Value>(weight: number, arbitrary: fc.Arbitrary<Value>) =>
  fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** Spans below any before them, most below one of the last; like neighbours; now and then one that comes late or changes. */
const arrivals = fc
  .array(
    fc.record({
      parent: fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }).map((back) => (at: number) => at - back) },
        {
          weight: 3,
          arbitrary: fc
            .nat({ max: 5 })
            .map((number) => (at: number) => (number < 3 ? 0 : Math.min(at - 1, FIRST + number))),
        },
        { weight: 1, arbitrary: fc.nat({ max: FIRST }).map((number) => () => number) },
      ),
      name: fc.constantFrom("search", "search", "search", "call"),
      odd: rarely(25, fc.constantFrom("late", "moves", "renamed", "fails", "fails", "failed", "root", "orphan")),
      batch: fc.nat({ max: 9 }),
      toggles: rarely(5, fc.nat({ max: 500 })),
    }),
    { minLength: 20, maxLength: 100, size: "max" },
  )
  .map((picks) =>
    picks.map(({ parent, name, odd, batch, toggles }, number) => {
      const index = FIRST + number;
      const again = odd === "moves" || odd === "renamed" || odd === "fails";
      const at = again ? index - 5 : index;
      const parentId = odd === "root" ? undefined : odd === "orphan" ? "never" : `s${parent(at)}`;
      const row: Row = {
        id: `s${at}`,
        trace: "tr",
        name: odd === "renamed" ? "other" : name,
        type: "TOOL",
        status: odd === "fails" || odd === "failed" ? "error" : "ok",
        start_ns: odd === "late" ? index - 20 : odd === "moves" ? index : at,
        end_ns: 1e6,
        tokens: { input: index % 40 },
        ...(parentId !== undefined && { parent: parentId }),
      };
      return { row, ends: batch === 0, toggles };
    }),
  );

describe("rows that spans are put into as they come", () => {
  test("are those that would be made anew, whatever comes and whatever the reader opens and closes", () => {
    let extended = 0;
    fc.assert(
      fc.property(
        arrivals,
        fc.integer({ min: 1, max: FIRST }),
        rarely(3, fc.nat({ max: 60 })),
        (history, level2, at) => {
          const tree = new Tree();
          const [opened, reference] = [new Opened().of(tree), new Opened().of(tree)];
          let rows: Rows | undefined;
          let batch = first(level2);
          for (const { row, ends, toggles } of history) {
            batch.push(row);
            if (!ends) continue;
            // What the reader has chosen has been there.
            const chosen = at !== undefined && FIRST + at < tree.size ? FIRST + at : ROOT;
            put(tree, ...batch);
            batch = [];
            tree.settle();
            const pinned = new Set<number>();
            for (let span = chosen; span !== ROOT; span = tree.parent(span)) pinned.add(span);
            const now = rowsOf(tree, FOLDED, opened, rows, pinned);
            if (now === rows) extended++;
            rows = now;
            expect(seen(rows)).toEqual(seen(rowsOf(tree, FOLDED, reference, undefined, pinned)));
            const toggled = toggles === undefined ? undefined : rows.at(toggles % rows.length);
            if (toggled?.open === undefined) continue;
            for (const each of [opened, reference]) {
              each.set(toggled.node.span, toggled.run !== undefined, !toggled.open);
            }
            rows = undefined;
          }
        },
      ),
      // By chance few histories extend; of so many, enough do.
      { endOnFailure: true, numRuns: 400 },
    );
    expect(extended).toBeGreaterThan(100);
  });

  test.each(["name:call", "status:error", "tokens>30"])("are those that a search for %s finds anew", (text) => {
    const query = parse(text);
    const bodies = new Set<string>();
    const [first_found, extended] = [new Set<Found>(), new Set<number>()];
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: FIRST }), fc.boolean(), (history, level2, inside) => {
        const tree = new Tree();
        const top = inside ? 1 : undefined;
        const opened = new Opened();
        const closed = new Opened().of(tree);
        let found: Found | undefined;
        let rows: Rows | undefined;
        let [turns, moves] = [0, 0];
        let batch = first(level2);
        for (const { row, ends, toggles } of history) {
          batch.push(row);
          if (!ends) continue;
          put(tree, ...batch);
          batch = [];
          tree.settle();
          const anew = new Found(tree, query, bodies, top);
          if (found === undefined || tree.moves !== moves) found = anew;
          moves = tree.moves;
          found.update();
          const spans = Array.from({ length: tree.size }, (_, span) => span);
          const told = (of: Found) => [
            of.count,
            spans.map((span) => [of.has(span), of.below(span), of.keep.get(span)]),
          ];
          expect(told(found)).toEqual(told(anew));
          if (found === anew) continue;
          first_found.add(found);
          const of = (keep: Found["keep"]) => ({ order: "start", keep, folds: false, top }) as const;
          const before = found.turns === turns ? rows : undefined;
          turns = found.turns;
          const now = rowsOf(tree, of(found.keep), opened.of(tree), before, new Set(), closed);
          if (now === rows) extended.add(rows.length);
          rows = now;
          const again = rowsOf(tree, of(anew.keep), new Opened().of(tree), undefined, new Set(), closed);
          expect(seen(rows)).toEqual(seen(again));
          expect(seen(rows).rows).toEqual(kept(tree, anew.keep, closed, top));
          const toggled = toggles === undefined ? undefined : rows.at(toggles % Math.max(1, rows.length));
          if (toggled?.open === undefined) continue;
          closed.set(toggled.node.span, false, !toggled.open);
          rows = undefined;
        }
      }),
      // By chance few histories extend; of so many, enough do.
      { endOnFailure: true, numRuns: 200 },
    );
    expect(first_found.size).toBeGreaterThan(20);
    expect(extended.size).toBeGreaterThan(text === "name:call" ? 10 : 0);
  });

  test("are made once for a trace of any length whose spans come in their order", () => {
    const tree = new Tree();
    const opened = new Opened().of(tree);
    const spans = manySpans(30_000).map(({ row }) => row);
    const made = new Set<Rows>();
    let rows: Rows | undefined;
    for (let at = 0; at < spans.length; at += 50) {
      put(tree, ...spans.slice(at, at + 50));
      tree.settle();
      rows = rowsOf(tree, FOLDED, opened, rows);
      if (rows.length > OPEN_ROWS + 100) made.add(rows);
    }
    expect(made.size).toBe(1);
    expect(seen(rows as Rows)).toEqual(seen(rowsOf(tree, FOLDED, opened)));
  });

  test("fold like neighbours where they stand, as soon as they are enough", () => {
    const tree = new Tree();
    const opened = new Opened().of(tree);
    const span = (index: number, name: string): Row => {
      const common = { trace: "tr", name, type: "TOOL", status: "ok", start_ns: index } as const;
      return index === 0 ? { ...common, id: "s0" } : { ...common, id: `s${index}`, parent: "s0" };
    };
    put(tree, ...Array.from({ length: OPEN_ROWS }, (_, index) => span(index, `n${index}`)));
    const rows = rowsOf(tree, FOLDED, opened);
    const lengths: number[] = [];
    for (let index = OPEN_ROWS; index < OPEN_ROWS + 7; index++) {
      put(tree, span(index, "s"));
      expect(rowsOf(tree, FOLDED, opened, rows)).toBe(rows);
      expect(seen(rows)).toEqual(seen(rowsOf(tree, FOLDED, opened)));
      lengths.push(rows.length - OPEN_ROWS);
    }
    expect(lengths).toEqual([1, 2, 3, 4, 1, 1, 1]);
    expect(rows.at(OPEN_ROWS)).toMatchObject({ open: false, setsize: OPEN_ROWS, run: { count: 7 } });
  });

  test("take in what an open run grows by, and only count it while that is closed", () => {
    for (const isOpen of [true, false]) {
      const tree = new Tree();
      const opened = new Opened().of(tree);
      const span = (index: number): Row => {
        const common = { trace: "tr", type: "TOOL", status: "ok", start_ns: index } as const;
        return index === 0 ? { ...common, id: "r", name: "r" } : { ...common, id: `s${index}`, name: "s", parent: "r" };
      };
      put(tree, ...Array.from({ length: 20 }, (_, index) => span(index)));
      rowsOf(tree, FOLDED, opened);
      opened.set(1, true, isOpen);
      const rows = rowsOf(tree, FOLDED, opened);
      put(tree, span(20), span(21));
      expect(rowsOf(tree, FOLDED, opened, rows)).toBe(rows);
      expect(rows.at(1)?.run?.count).toBe(21);
      expect(rows.length).toBe(isOpen ? 23 : 2);
      expect(seen(rows)).toEqual(seen(rowsOf(tree, FOLDED, opened)));
    }
  });
});
