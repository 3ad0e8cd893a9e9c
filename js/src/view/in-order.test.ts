import { expect, test } from "vitest";
import { Turns } from "./in-order";

test("what comes is used in its order, though the first takes longest, and one fails", async () => {
  const turns = new Turns();
  const used: unknown[] = [];
  const take = (value: unknown) =>
    turns.take(
      value,
      (each) => used.push(each),
      (error) => used.push(`failed: ${error}`),
    );
  take("at once");
  expect([used, turns.pending]).toEqual([["at once"], false]);
  let end: (value: string) => void = () => {};
  const slow = new Promise((done) => {
    end = done;
  });
  take(slow);
  take(Promise.reject("second"));
  take("third");
  take(Promise.resolve("fourth"));
  await new Promise((done) => setTimeout(done));
  expect([used, turns.pending]).toEqual([["at once"], true]);
  end("first");
  await new Promise((done) => setTimeout(done));
  expect(used).toEqual(["at once", "first", "failed: second", "third", "fourth"]);
  expect(turns.pending).toBe(false);
  take("at once again");
  expect(used.at(-1)).toBe("at once again");
});
