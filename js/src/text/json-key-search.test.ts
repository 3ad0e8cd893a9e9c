import { expect, test } from "vitest";
import { holding } from "./json-key-search";

test("the parts with a key in them are found with all above them, in any case, and the numbers of lists are no keys", () => {
  const [reply, other] = [{ Total_Tokens: 3 }, { text: "tokens" }];
  const value = { calls: [other, { usage: reply }], "0": 1 };
  expect([...holding(value, "tokens")]).toEqual([reply, value.calls[1], value.calls, value]);
  expect([...holding(value, "0")]).toEqual([value]);
  expect(holding("tokens", "tokens").size).toBe(0);
});

test("nesting is no limit", () => {
  let value: unknown = { sought: 1 };
  for (let level = 0; level < 100_000; level++) value = [value];
  expect(holding(value, "sought").size).toBe(100_001);
});
