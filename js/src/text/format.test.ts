import { describe, expect, test } from "vitest";
import { Clock } from "../store/kernel-clock";
import { extent, runningEnd_ns, ticks, within, zoomed } from "../store/time-axis";
import { atLeast, cost, counted, duration, gist, ticking, tokens } from "./format";

describe("format", () => {
  test.each([
    [0, "0 µs"],
    [640_000, "640 µs"],
    [999_700, "1.0 ms"],
    [12_300_000, "12 ms"],
    [999_700_000, "1.00 s"],
    [2_134_000_000, "2.13 s"],
    [59_960_000_000, "1 m 0 s"],
    [65_000_000_000, "1 m 5 s"],
    [7_380_000_000_000, "2 h 3 m"],
    [-2_134_000_000, "-2.13 s"],
  ])("%d ns is %s", (ns, text) => expect(duration(ns)).toBe(text));

  test("a growing duration moves in tenths of a second", () => {
    expect([ticking(0), ticking(6.29e9), ticking(61e9)]).toEqual(["0.0 s", "6.2 s", "1 m 1 s"]);
  });

  test.each([
    [0, "0"],
    [9_999, "9,999"],
    [12_345, "12.3k"],
    [999_949, "999.9k"],
    [999_950, "1.00M"],
  ])("%d tokens are %s", (count, text) => expect(tokens(count)).toBe(text));

  test.each([
    [0, "$0"],
    [2.1e-7, "<$0.000001"],
    [0.000312, "$0.000312"],
    [0.0011041, "$0.001104"],
    [0.0042, "$0.0042"],
    [0.5, "$0.50"],
    [1.5, "$1.50"],
    [1.2341, "$1.234"],
    [12.345, "$12.35"],
    [12.3, "$12.30"],
    [123.44, "$123.4"],
    [1, "$1.00"],
    [12_345.6, "$12,346"],
  ])("%d dollars are %s", (usd, text) => expect(cost(usd)).toBe(text));

  test.each([
    [0.000312, 2, "≥ $0.000312"],
    [0.000312, 0, "$0.000312"],
    [1e-9, 1, "<$0.000001"],
  ])("%d dollars with %i calls unpriced are %s", (usd, unpriced, text) => expect(atLeast(usd, unpriced)).toBe(text));

  test.each([
    ["litellm.RateLimitError: RateLimitError: OpenAIException - slow down", "RateLimitError: slow down"],
    ["litellm.BadRequestError: litellm.BadRequestError: no", "BadRequestError: no"],
    ["ValueError: a.B: c\nmore", "ValueError: a.B: c"],
    ["503 Service Unavailable", "503 Service Unavailable"],
    ["", ""],
  ])("of the message %j a row says %j", (message, said) => expect(gist(message)).toBe(said));

  test("one thing has no s", () =>
    expect([counted(1, "error"), counted(1200, "error")]).toEqual(["1 error", "1,200 errors"]));
});

describe("the axis", () => {
  const to = (to_ns: number) => ({ from_ns: 0, to_ns });
  const labels = (end_ns: number, most: number) => ticks(to(end_ns), most).map((tick) => tick.label);

  test.each([
    [6.21e9, 4, ["0", "2 s", "4 s", "6 s"]],
    [0.84e9, 5, ["0", "200 ms", "400 ms", "600 ms", "800 ms"]],
    [1.1e9, 3, ["0", "0.5 s", "1.0 s"]],
    [100e9, 5, ["0", "20 s", "40 s", "60 s", "80 s", "100 s"]],
    [600e9, 3, ["0", "5 min", "10 min"]],
    [0, 5, ["0"]],
  ])("to %d ns with %d ticks", (end_ns, most, expected) => expect(labels(end_ns, most)).toEqual(expected));

  test("of a running trace ends after now, and stands still while now moves a little", () => {
    for (const now_ns of [0, 1e9, 6.21e9, 9.9e9, 3e12]) expect(runningEnd_ns(now_ns)).toBeGreaterThan(now_ns);
    expect(runningEnd_ns(6.1e9)).toBe(runningEnd_ns(6.2e9));
  });

  test("cuts bars that begin before or end after it", () => {
    expect(extent(-5, 5, to(10))).toEqual({ left: 0, width: 0.5 });
    expect(extent(5, 50, to(10))).toEqual({ left: 0.5, width: 0.5 });
    expect(extent(5, 2, to(10))).toEqual({ left: 0.5, width: 0 });
    expect(extent(0, 0, to(0))).toEqual({ left: 0, width: 0 });
  });

  test("shows nothing of a bar outside the range that is zoomed to", () => {
    expect(extent(0, 4, { from_ns: 5, to_ns: 10 })).toBeUndefined();
    expect(extent(11, 12, { from_ns: 5, to_ns: 10 })).toBeUndefined();
    expect(extent(0, 20, { from_ns: 5, to_ns: 10 })).toEqual({ left: 0, width: 1 });
  });

  test("of a range counts its ticks from the beginning of the trace", () => {
    expect(ticks({ from_ns: 12.3e9, to_ns: 12.5e9 }, 4).map((tick) => tick.label)).toEqual([
      "12.30 s",
      "12.35 s",
      "12.40 s",
      "12.45 s",
      "12.50 s",
    ]);
  });

  test("zooms around a moment that stays where it is, and no further out than all", () => {
    const whole = to(10e6);
    expect(zoomed(whole, 0.5, 2e6, whole)).toEqual({ from_ns: 1e6, to_ns: 6e6 });
    expect(zoomed({ from_ns: 1e6, to_ns: 6e6 }, 2, 2e6, whole)).toBeUndefined();
    expect(zoomed(to(10), 0.5, 0, to(10))).toBeUndefined();
    expect(within({ from_ns: 8e6, to_ns: 3e6 }, whole)).toEqual({ from_ns: 3e6, to_ns: 8e6 });
  });
});

describe("the clock", () => {
  test("is the page's own until a message tells otherwise", () => {
    expect(new Clock(1000).now_ns(1500)).toBe(500e6);
  });

  test("takes the way here for what it is", () => {
    const clock = new Clock(1000);
    clock.observe(400e6, 1450);
    expect(clock.now_ns(1500)).toBe(500e6);
  });

  test("follows a kernel whose clock is a minute ahead or behind", () => {
    const ahead = new Clock(61_000);
    ahead.observe(400e6, 1400);
    expect(ahead.now_ns(1500)).toBe(500e6);
    const behind = new Clock(1000);
    behind.observe(400e6, 61_400);
    expect(behind.now_ns(61_500)).toBe(500e6);
  });
});
