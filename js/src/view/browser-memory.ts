/** What the browser remembers, and the file does not: nothing, where the host lets nothing be. */

const keyOf = (name: string): string => `llmtrace ${name}`;

export const remembered = (name: string): string | null | undefined => tried(() => localStorage.getItem(keyOf(name)));

export const remember = (name: string, value: string): void => tried(() => localStorage.setItem(keyOf(name), value));

function tried<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
