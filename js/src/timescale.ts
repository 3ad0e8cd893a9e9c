/** The waterfall's axis: where it ends, and its ticks in steps of 1, 2 or 5. Times are nanoseconds after the origin. */

export interface Tick {
  readonly at_ns: number;
  readonly label: string;
}

const UNITS: readonly (readonly [string, number])[] = [
  ["h", 3600e9],
  ["min", 60e9],
  ["s", 1e9],
  ["ms", 1e6],
  ["µs", 1e3],
];

/** Ticks from 0 to `end_ns`, no more than `most`. */
export function ticks(end_ns: number, most: number): Tick[] {
  if (!(end_ns > 0) || most < 1) return [{ at_ns: 0, label: "0" }];
  const [unit, unit_ns] = unitOf(end_ns);
  const step_ns = stepAtLeast(end_ns / most / unit_ns) * unit_ns;
  const digits = Math.max(0, -Math.floor(Math.log10(step_ns / unit_ns) + 1e-9));
  const marks: Tick[] = [];
  for (let index = 0; index * step_ns <= end_ns * (1 + 1e-9); index++) {
    const at_ns = index * step_ns;
    marks.push({ at_ns, label: index === 0 ? "0" : `${(at_ns / unit_ns).toFixed(digits)} ${unit}` });
  }
  return marks;
}

/** Where the axis of a running trace ends: somewhat after now, in steps, so that bars stand still most of the time. */
export function runningEnd_ns(now_ns: number): number {
  const least_ns = Math.max(now_ns * 1.02, 1e9);
  const power = 10 ** Math.floor(Math.log10(least_ns));
  for (const factor of [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8]) if (factor * power >= least_ns) return factor * power;
  return 10 * power;
}

/** A bar's left edge and width as parts of the axis from 0 to 1; what lies outside is cut off. */
export function extent(start_ns: number, end_ns: number, axis_ns: number): { left: number; width: number } {
  const within = (at_ns: number) => Math.min(1, Math.max(0, axis_ns > 0 ? at_ns / axis_ns : 0));
  const left = within(start_ns);
  return { left, width: Math.max(0, within(end_ns) - left) };
}

function unitOf(end_ns: number): readonly [string, number] {
  const found = UNITS.find(([unit, unit_ns]) => end_ns >= unit_ns * (unit === "h" || unit === "min" ? 3 : 1));
  return found ?? ["ns", 1];
}

function stepAtLeast(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  for (const factor of [1, 2, 5]) if (factor * power >= step * (1 - 1e-9)) return factor * power;
  return 10 * power;
}
