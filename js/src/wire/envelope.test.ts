import { strToU8, zlibSync } from "fflate";
import { expect, test } from "vitest";
import { Packs } from "../store/packed-details";
import { NewerWire, Unreadable, unpack, unpackSnapshot, WIRE_VERSION } from "./envelope";

const deflated = (json: string): DataView => {
  const bytes = zlibSync(strToU8(json));
  const padded = new Uint8Array(bytes.length + 7);
  padded.set(bytes, 3);
  return new DataView(padded.buffer, 3, bytes.length);
};

test("a plain value is itself", () =>
  expect(unpack({ v: 2, json: '{"v":2,"a":"é"}' })).toEqual({ value: { v: 2, a: "é" }, details: [] }));

test("a deflated one comes in the envelope or in the first buffer", async () => {
  expect((await unpack({ v: 2, deflate: deflated('{"a":"é😀"}') })).value).toEqual({ a: "é😀" });
  expect((await unpack({ v: 2 }, [deflated("[1]")])).value).toEqual([1]);
});

test("a notebook may have kept it as base64", async () => {
  const [head, details] = ['{"chunks":[{"details":2,"bytes":11}]}', "1\n2"].map((text) =>
    btoa(String.fromCharCode(...zlibSync(strToU8(text)))),
  );
  const packed = await unpack({ v: 2, deflate: head, details } as never);
  expect(await Promise.all(packed.details.map((chunk) => chunk.lines()))).toEqual([["1", "2"]]);
});

test("details stand on lines below it, or in chunks of their own", async () => {
  const [plain] = (await unpack({ v: 2, json: '{"v":2}\n{"inputs":"é"}\n{"inputs":"\\n"}' })).details;
  expect([plain?.count, plain?.lines()]).toEqual([2, ['{"inputs":"é"}', '{"inputs":"\\n"}']]);
  const chunks = ["1\n2", "3"].map((lines) => zlibSync(strToU8(lines)));
  const head = { chunks: chunks.map(({ length }, index) => ({ details: 2 - index, bytes: length })) };
  const details = new DataView(Uint8Array.from(chunks.flatMap((chunk) => [...chunk])).buffer);
  for await (const packed of [
    unpack({ v: 2, deflate: deflated(JSON.stringify(head)), details }),
    unpack({ v: 2 }, [deflated(JSON.stringify(head)), details]),
  ]) {
    const read = packed.details.map(async (chunk) => [chunk.count, await chunk.lines()]);
    expect(await Promise.all(read)).toEqual([
      [2, ["1", "2"]],
      [1, ["3"]],
    ]);
  }
});

test("a newer version, of envelope or value, is refused in plain words", () => {
  expect(() => unpack({ v: WIRE_VERSION + 1, json: "1" })).toThrow(NewerWire);
  expect(() => unpack({ v: 2, json: JSON.stringify({ v: WIRE_VERSION + 1 }) })).toThrow(
    /newer form \(version 3\).*Reload the page/,
  );
});

const conflict = (json: string): string => `<<<<<<< HEAD\n${json}\n=======\n${json}\n>>>>>>> theirs`;

test("what a notebook kept and is damaged is refused in plain words", async () => {
  for (const packed of [
    { json: conflict('{"v":2}') },
    { json: '{"v":2,"seq":"x"}' },
    { deflate: deflated("{") },
    { deflate: new DataView(deflated('{"v":2}').buffer, 3, 9) },
    { deflate: "eJ<<<<<<<" },
  ]) {
    const refused = async () => await unpackSnapshot({ v: 2, ...packed } as never);
    await expect(refused).rejects.toThrow(Unreadable);
    await expect(refused).rejects.toThrow(/^This trace cannot be shown: .* is damaged/);
  }
});

test("what inflates to more than a page can bear is refused", async () => {
  const packed = { v: 2, deflate: new DataView(zlibSync(new Uint8Array(101_000_000).fill(32)).buffer) } as const;
  await expect(async () => await unpackSnapshot(packed)).rejects.toThrow(Unreadable);
});

test("details that are looked at stay, however many others are read or looked at beside", async () => {
  const packs = new Packs();
  const give = packs.take(
    Array.from({ length: 300 }, (_, at) => ({ count: 1, lines: async () => [`{"inputs":${at}}`] })),
  );
  for (let span = 0; span < 300; span++) give(span);
  const look = async (span: number) => {
    await packs.coming(span);
    return packs.get(span);
  };
  const first = await look(0);
  expect(first).toEqual({ inputs: 0 });
  expect(await Promise.all(Array.from({ length: 300 }, (_, span) => packs.json(span)))).toContain('{"inputs":299}');
  expect(packs.get(0)).toBe(first);
  for (let span = 1; span < 300; span++) {
    await look(span);
    expect(packs.get(0)).toBe(first);
  }
});

test("a damaged detail is one that is not there", async () => {
  const cut = () => Promise.reject(new TypeError("unexpected EOF"));
  for (const lines of [() => conflict('{"inputs":1}').split("\n"), cut]) {
    const packs = new Packs();
    packs.take([{ count: 1, lines }])(0);
    await packs.coming(0);
    expect(packs.get(0)).toBeUndefined();
    expect(packs.isLeftOut(0)).toBe(true);
  }
});
