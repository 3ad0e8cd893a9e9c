/** Sums of the examples that the kernel's sums are tested with, too: tests/trace/test_tree.py. */

import { expect, test } from "vitest";
import examples from "../../../tests/trace/rollups.json";
import { put, spanOf, treeOf } from "../../dev/trees";
import type { Row } from "../wire/types.gen";
import { costOf, inAndOutOf, type Sums, tokensOf } from "./rollup";
import { Tree } from "./tree";

type Example = { name: string; spans: Partial<Row>[]; totals: Record<string, Record<string, unknown>> };

const rowsOf = ({ spans }: Example): Row[] =>
  spans.map((span, number) => ({
    trace: "tr",
    name: span.id ?? "",
    status: "ok",
    start_ns: number,
    end_ns: number + 1,
    ...(span as Pick<Row, "id" | "type">),
  }));

/** The sums that are not nothing, as the examples write them; the page does not count calls. */
function told(sums: Readonly<Sums>): Record<string, unknown> {
  const found: Record<string, unknown> = { unpriced: sums.unpriced, uncounted: sums.uncounted };
  if (sums.with_tokens > 0) found.tokens = { input: sums.input, output: sums.output };
  if (sums.uncounted > 0) found.estimated_tokens = { input: sums.estimated_input, output: sums.estimated_output };
  found.cost_usd = sums.cost_pico / 1e12;
  found.estimated_cost_usd = sums.estimated_pico / 1e12;
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== 0));
}

const withoutCalls = ({ calls: _, ...others }: Record<string, unknown>) => others;

test.each(examples as unknown as Example[])("$name", (example) => {
  const rows = rowsOf(example);
  const oneByOne = new Tree();
  for (const row of rows) {
    put(oneByOne, row);
    oneByOne.settle();
  }
  // Again, each as another type and another amount in between.
  for (const row of rows) put(oneByOne, { ...row, type: "TOOL", tokens: { input: 99 } });
  oneByOne.settle();
  for (const row of rows) put(oneByOne, row);
  oneByOne.settle();
  for (const tree of [treeOf(...rows), treeOf(...[...rows].reverse()), oneByOne]) {
    for (const [id, totals] of Object.entries(example.totals)) {
      expect(told(tree.total(spanOf(tree, id)))).toEqual(withoutCalls(totals));
    }
  }
});

test("what is shown of a sum has the estimates in it", () => {
  const tree = treeOf(
    ...rowsOf({
      name: "",
      spans: [
        { id: "root", type: "CHAIN" },
        { id: "a", parent: "root", type: "LLM", tokens: { input: 10, output: 2 }, cost_usd: 0.5 },
        { id: "b", parent: "root", type: "LLM", estimated_tokens: { input: 4, output: 3 }, estimated_cost_usd: 0.25 },
      ],
      totals: {},
    }),
  );
  const total = tree.total(spanOf(tree, "root"));
  expect([inAndOutOf(total), tokensOf(total), costOf(total)]).toEqual([[14, 5], 19, 0.75]);
});
