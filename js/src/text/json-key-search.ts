/** The search for keys in a JSON value, however deep it is: no recursion. */

export type Branch = readonly unknown[] | Readonly<Record<string, unknown>>;

export const isBranch = (value: unknown): value is Branch =>
  typeof value === "object" && value !== null && Object.keys(value).length > 0;

/** Whether a key of an object has the word, which is in lower case, in it; the numbers of lists are none. */
export const isKeyOf = (branch: Branch, name: string, word: string): boolean =>
  !Array.isArray(branch) && name.toLowerCase().includes(word);

interface Link {
  readonly branch: Branch;
  readonly above: Link | undefined;
}

/** The parts of a value that have such a key in them, at whatever depth. */
export function holding(value: unknown, word: string): ReadonlySet<unknown> {
  const found = new Set<unknown>();
  const left: Link[] = isBranch(value) ? [{ branch: value, above: undefined }] : [];
  for (let link = left.pop(); link !== undefined; link = left.pop()) {
    const { branch } = link;
    for (const [name, part] of Object.entries(branch)) {
      if (isKeyOf(branch, name, word))
        for (let at: Link | undefined = link; at && !found.has(at.branch); at = at.above) found.add(at.branch);
      if (isBranch(part)) left.push({ branch: part, above: link });
    }
  }
  return found;
}
