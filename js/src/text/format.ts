/** Numbers as people read them. */

/** 1234567 as 1,234,567, the same in every locale. */
export const grouped = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");

/** A duration in the unit that keeps it short: 640 µs, 12.3 ms, 640 ms, 2.13 s, 1 m 5 s, 2 h 3 m. Clocks may go back. */
export function duration(duration_ns: number): string {
  if (duration_ns < 0) return `-${duration(-duration_ns)}`;
  const us = duration_ns / 1e3;
  if (us < 999.5) return `${Math.round(us)} µs`;
  const ms = us / 1e3;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const s = ms / 1e3;
  if (s < 9.995) return `${s.toFixed(2)} s`;
  if (s < 59.95) return `${s.toFixed(1)} s`;
  return minutes(Math.round(s));
}

/** A duration that still grows: tenths of a second, so that it moves calmly. */
export function ticking(duration_ns: number): string {
  const s = Math.floor(duration_ns / 1e8) / 10;
  return s < 60 ? `${s.toFixed(1)} s` : minutes(Math.floor(s));
}

function minutes(s: number): string {
  if (s < 3600) return `${Math.floor(s / 60)} m ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} m`;
}

/** A moment by the reader's clock, to the millisecond: 13:05:09.120. */
export function clockTime(at_ms: number): string {
  const at = new Date(at_ms);
  const two = (part: number) => String(part).padStart(2, "0");
  const ms = String(at.getMilliseconds()).padStart(3, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`;
}

/** A token count: exact below 10,000, then 12.3k, 1.23M. */
export function tokens(count: number): string {
  if (count < 10_000) return grouped(count);
  if (count < 999_950) return `${(count / 1e3).toFixed(1)}k`;
  return `${(count / 1e6).toFixed(2)}M`;
}

/** Tokens in and out: 1,011 → 193. */
export const inAndOut = (input: number, output: number): string => `${tokens(input)} → ${tokens(output)}`;

/** US dollars to four significant digits, and at least two decimals; render/format.py has the same. */
export function cost(cost_usd: number): string {
  if (cost_usd === 0) return "$0";
  if (cost_usd >= 1000) return `$${grouped(cost_usd)}`;
  if (cost_usd < 1e-6) return "<$0.000001";
  const digits = Math.min(8, 3 - Math.floor(Math.log10(cost_usd)));
  return `$${cost_usd.toFixed(digits).replace(/(\.\d\d+?)0+$/, "$1")}`;
}

/** US dollars of calls of which some have no price. */
export const atLeast = (cost_usd: number, unpriced: number): string =>
  (unpriced > 0 && cost_usd >= 1e-6 ? "≥ " : "") + cost(cost_usd);

/** A figure that is, or has in it, an estimate. */
export const approximate = (figure: string, is_estimated: boolean): string => (is_estimated ? `≈ ${figure}` : figure);

/** Why tokens are estimated. */
export const uncounted = (calls: number): string =>
  `The server sent no token counts for ${counted(calls, "call")}: ≈ is LiteLLM's own count`;

/** Bytes or characters of text that was cut. */
export const characters = (count: number): string => `${grouped(count)} characters`;

/** "1 error", "2 errors". */
export const counted = (count: number, noun: string, ending = "s"): string =>
  `${grouped(count)} ${noun}${count === 1 ? "" : ending}`;

/** What an error's message says, on one line: without modules before class names, and no class named twice. */
export function gist(message: string): string {
  const line = message.split("\n", 1)[0] ?? "";
  const plain = line.replace(/^(?:[a-z_]\w*\.)+(?=[A-Z])/, "");
  return plain.replace(/^(\w+): (?:(?:\w+\.)*\1: )*(?:\w+Exception - )?/, "$1: ");
}
