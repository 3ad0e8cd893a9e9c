/** What the view calls most of what the language and the page have built in: in the bundle a variable takes less room than its name. */

const { abs, ceil, floor, max, min, round } = Math;
const { entries, keys, values } = Object;
const { isArray } = Array;
const { isNaN: isNotANumber, MAX_VALUE: MAX } = Number;
const { parse, stringify } = JSON;
const { performance: clock } = globalThis;
const now = (): number => clock.now();
const { clearTimeout, document, requestAnimationFrame, setTimeout } = globalThis;
const { Int32Array: Integers, Map: Maps, Promise: Promised, Set: Sets, Uint8Array: Bytes } = globalThis;

export {
  abs as Math_abs,
  Bytes as globalThis_Uint8Array,
  ceil as Math_ceil,
  clearTimeout as globalThis_clearTimeout,
  document as globalThis_document,
  entries as Object_entries,
  floor as Math_floor,
  Integers as globalThis_Int32Array,
  isArray as Array_isArray,
  isNotANumber as Number_isNaN,
  keys as Object_keys,
  MAX as Number_MAX_VALUE,
  Maps as globalThis_Map,
  max as Math_max,
  min as Math_min,
  now as performance_now,
  Promised as globalThis_Promise,
  parse as JSON_parse,
  requestAnimationFrame as globalThis_requestAnimationFrame,
  round as Math_round,
  Sets as globalThis_Set,
  setTimeout as globalThis_setTimeout,
  stringify as JSON_stringify,
  values as Object_values,
};
