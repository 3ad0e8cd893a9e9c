/** What shape a value has that came from outside. */

export const isText = (value: unknown): value is string => typeof value === "string";

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
