import { strToU8, zlibSync } from "fflate";
import { expect, test } from "vitest";
import { NewerWire, unpack, WIRE_VERSION } from "./unpack";

const deflated = (value: unknown): DataView => {
  const bytes = zlibSync(strToU8(JSON.stringify(value)));
  const padded = new Uint8Array(bytes.length + 7);
  padded.set(bytes, 3);
  return new DataView(padded.buffer, 3, bytes.length);
};

test("a plain value is itself", () => expect(unpack({ v: 1, json: '{"v":1,"a":"é"}' })).toEqual({ v: 1, a: "é" }));

test("a deflated one comes in the envelope or in the first buffer", () => {
  expect(unpack({ v: 1, deflate: deflated({ a: "é😀" }) })).toEqual({ a: "é😀" });
  expect(unpack({ v: 1 }, [deflated([1])])).toEqual([1]);
});

test("a newer version, of envelope or value, is refused in plain words", () => {
  expect(() => unpack({ v: WIRE_VERSION + 1, json: "1" })).toThrow(NewerWire);
  expect(() => unpack({ v: 1, json: JSON.stringify({ v: WIRE_VERSION + 1 }) })).toThrow(
    /newer form \(version 2\).*Reload the page/,
  );
});
