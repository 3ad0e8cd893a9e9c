/** The waterfall's axis: its part in sight, and its ticks in steps of 1, 2 or 5. Times are nanoseconds after the origin. */

export interface Axis {
  readonly from_ns: number;
  readonly to_ns: number;
  /** Times that take up little of the axis, in order. */
  readonly squeezed?: readonly Axis[];
}

/** About the width of a character in a label. */
export const CHARACTER_PX = 6.5;

/** What is left of a squeezed time's length. */
const LEFT = 0.05;

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

/** Ticks on the axis, no more than `most`, which count from `zero_ns`; none in what is squeezed. */
export function ticks(axis: Axis, most: number, zero_ns = 0): Tick[] {
  const start_ns = axis.from_ns - zero_ns;
  const end_ns = axis.to_ns - zero_ns;
  if (!(end_ns > start_ns) || most < 1) return [{ at_ns: axis.from_ns, label: start_ns === 0 ? "0" : "" }];
  const [unit, unit_ns] = unitOf(end_ns);
  const step_ns = stepAtLeast(lengthTo(axis, axis.to_ns) / most / unit_ns) * unit_ns;
  const digits = Math.max(0, -Math.floor(Math.log10(step_ns / unit_ns) + 1e-9));
  const marks: Tick[] = [];
  for (let index = Math.ceil(start_ns / step_ns - 1e-9); index * step_ns <= end_ns * (1 + 1e-9); index++) {
    const at_ns = index * step_ns + zero_ns;
    if (axis.squeezed?.some((gap) => gap.from_ns < at_ns && at_ns < gap.to_ns)) continue;
    marks.push({ at_ns, label: index === 0 ? "0" : `${((at_ns - zero_ns) / unit_ns).toFixed(digits)} ${unit}` });
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

/** Where a moment stands on the axis, from 0 to 1; what lies outside is at its ends. */
export function placeOn(axis: Axis, at_ns: number): number {
  const whole_ns = lengthTo(axis, axis.to_ns);
  return whole_ns > 0 ? Math.min(1, Math.max(0, lengthTo(axis, at_ns) / whole_ns)) : 0;
}

/** Which moment stands at a place on the axis, from 0 to 1. */
export function timeAt(axis: Axis, part: number): number {
  const length_ns = part * lengthTo(axis, axis.to_ns);
  let at_ns = axis.from_ns + length_ns;
  for (const gap of gapsIn(axis)) {
    const before_ns = lengthTo(axis, gap.from_ns);
    if (length_ns <= before_ns) break;
    const inside_ns = Math.min(gap.to_ns - gap.from_ns, (length_ns - before_ns) / LEFT);
    at_ns += inside_ns * (1 - LEFT);
  }
  return at_ns;
}

/** How long the axis is up to a moment, with what is squeezed. */
function lengthTo(axis: Axis, at_ns: number): number {
  let length_ns = at_ns - axis.from_ns;
  for (const { from_ns, to_ns } of gapsIn(axis)) {
    length_ns -= (1 - LEFT) * Math.max(0, Math.min(to_ns, at_ns) - from_ns);
  }
  return length_ns;
}

/** What is squeezed, as far as it is on the axis. */
function* gapsIn(axis: Axis): Generator<Axis> {
  for (const gap of axis.squeezed ?? []) {
    const from_ns = Math.max(axis.from_ns, gap.from_ns);
    const to_ns = Math.min(axis.to_ns, gap.to_ns);
    if (to_ns > from_ns) yield { from_ns, to_ns };
  }
}

/** Where a time stands on the axis, as a style. */
export function spanning(axis: Axis, { from_ns, to_ns }: Axis): { left: string; width: string } {
  const left = placeOn(axis, from_ns);
  return { left: percent(left), width: percent(placeOn(axis, to_ns) - left) };
}

/** A bar's left edge and width as parts of the axis; undefined when it lies outside. */
export function extent(start_ns: number, end_ns: number, axis: Axis): { left: number; width: number } | undefined {
  if (end_ns < axis.from_ns || start_ns > axis.to_ns) return undefined;
  const left = placeOn(axis, start_ns);
  return { left, width: Math.max(0, placeOn(axis, end_ns) - left) };
}

export const percent = (part: number): string => `${(part * 100).toFixed(3)}%`;

/** Least length of a range to zoom to. */
const LEAST_NS = 1000;

/** The axis `factor` times as long around a moment that stays where it is, within the whole. */
export function zoomed(axis: Axis, factor: number, around_ns: number, whole: Axis): Axis | undefined {
  const middle_ns = Math.min(axis.to_ns, Math.max(axis.from_ns, around_ns));
  return within(
    {
      from_ns: middle_ns - (middle_ns - axis.from_ns) * factor,
      to_ns: middle_ns + (axis.to_ns - middle_ns) * factor,
    },
    whole,
  );
}

/** The range, cut to the whole; undefined when that is all of it. */
export function within(range: Axis, whole: Axis): Axis | undefined {
  const from_ns = Math.max(whole.from_ns, Math.min(range.from_ns, range.to_ns));
  const to_ns = Math.max(from_ns + LEAST_NS, Math.min(whole.to_ns, Math.max(range.from_ns, range.to_ns)));
  return from_ns <= whole.from_ns && to_ns >= whole.to_ns ? undefined : { from_ns, to_ns };
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
