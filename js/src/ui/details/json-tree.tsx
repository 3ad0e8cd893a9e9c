/** A JSON value as a foldable tree: two levels open, long lists in pieces, long strings cut; each part can be copied. */

import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import { shortened } from "../../text/chat-history";
import * as format from "../../text/format";
import { type Branch, holding, isBranch, isKeyOf } from "../../text/json-key-search";
import { indented } from "../../text/plain-value";
import { isText } from "../../wire/shapes";
import { Button } from "../controls/button";
import { CopyButton } from "../controls/copy-button";
import { FoldButton } from "../controls/fold";
import { LINES, usePieces } from "../controls/long-list";

const OPEN_LEVELS = 2;
const LONG_STRING = 500;
const PREVIEW = 70;

/** `name` is what the value is called in the paths that are copied; of a search, only what has `find` in its keys stands. */
export function Json({ value, name = "", find = "" }: { value: unknown; name?: string; find?: string }): VNode {
  const word = find.trim().toLowerCase();
  const search = useMemo(
    () => (word === "" ? undefined : { wanted: word, holders: holding(value, word) }),
    [value, word],
  );
  return (
    <div class="lt-json">
      {isBranch(value) ? <Entries value={value} path={name} level={1} search={search} /> : <Leaf value={value} bare />}
    </div>
  );
}

/** A word that keys are to have, and the parts of the value that have such keys in them. */
interface Search {
  readonly wanted: string;
  readonly holders: ReadonlySet<unknown>;
}

/** How many lines a value takes as a tree, with so many levels open, as far as that matters. */
export const linesOf = (value: unknown, levels = OPEN_LEVELS): number =>
  isBranch(value) && levels > 0
    ? Object.values(value)
        .slice(0, LINES)
        .reduce<number>((sum, part) => sum + linesOf(part, levels - 1), 1)
    : 1;

interface EntriesProps {
  value: Branch;
  path: string;
  level: number;
  search: Search | undefined;
}

function Entries({ value, path, level, search }: EntriesProps): VNode {
  const entries = Object.entries(value).filter(
    ([name, part]) => search === undefined || isKeyOf(value, name, search.wanted) || search.holders.has(part),
  );
  const [shown, more] = usePieces(entries, ([, part]) => linesOf(part, OPEN_LEVELS - level));
  return (
    <ul>
      {shown.map(([name, part]) => (
        <Entry
          key={name}
          name={name}
          value={part}
          path={`${path}[${Array.isArray(value) ? name : JSON.stringify(name)}]`}
          level={level}
          search={search}
        />
      ))}
      {entries.length === 0 && <li class="lt-dim">no such key</li>}
      {more && <li>{more}</li>}
    </ul>
  );
}

interface EntryProps {
  name: string;
  value: unknown;
  /** As Python writes it. */
  path: string;
  level: number;
  search: Search | undefined;
}

function Entry({ name, value, path, level, search }: EntryProps): VNode {
  const [opened, setOpen] = useState(level < OPEN_LEVELS);
  const holds = search?.holders.has(value) === true;
  const open = opened || holds;
  if (!isBranch(value)) {
    return (
      <li class="lt-leaf">
        <span class="lt-key">{name}</span>
        <Leaf value={value} />
        <Copies path={path} value={value} />
      </li>
    );
  }
  return (
    <li>
      <FoldButton open={open} setOpen={setOpen}>
        <span class="lt-key">{name}</span>
        <small>{open ? sizeOf(value) : previewOf(value)}</small>
      </FoldButton>
      <Copies path={path} value={value} />
      {open && <Entries value={value} path={path} level={level + 1} search={holds ? search : undefined} />}
    </li>
  );
}

/** Seen when the pointer or the focus is at the entry. */
function Copies({ path, value }: { path: string; value: unknown }): VNode {
  const [open, setOpen] = useState(false);
  return (
    <span class={open ? "lt-copies lt-open" : "lt-copies"}>
      <Button
        title="Copy value or path"
        aria-label={`Copy ${path}`}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        ⧉
      </Button>
      {open && <CopyButton text={() => indented(value)} label="Copy value" />}
      {open && <CopyButton text={() => path} label="Copy path" />}
    </span>
  );
}

const sizeOf = (value: Branch): string =>
  Array.isArray(value) ? format.counted(value.length, "item") : format.counted(Object.keys(value).length, "field");

/** The first few fields on one line, without walking what is large. */
function previewOf(value: Branch): string {
  const word = (part: unknown): string => {
    if (isText(part)) return JSON.stringify(shortened(part, 24));
    if (Array.isArray(part)) return part.length === 0 ? "[]" : "[…]";
    return typeof part === "object" && part !== null ? "{…}" : String(part);
  };
  if (Array.isArray(value)) return shortened(`[${value.slice(0, 6).map(word).join(", ")}]`, PREVIEW);
  const parts = Object.entries(value).slice(0, 6);
  return shortened(`{${parts.map(([name, part]) => `${name}: ${word(part)}`).join(", ")}}`, PREVIEW);
}

function Leaf({ value, bare = false }: { value: unknown; bare?: boolean }): VNode {
  if (isText(value)) return <Text text={value} bare={bare} />;
  const kind = value === null || typeof value === "object" ? "lt-dim" : "lt-number";
  return <span class={kind}>{JSON.stringify(value) ?? "—"}</span>;
}

/** A string, in quotes on one line or with its line breaks; a long one is cut and says its size. */
function Text({ text, bare }: { text: string; bare: boolean }): VNode {
  const [whole, setWhole] = useState(false);
  const long = text.length > LONG_STRING;
  if (!long && !bare && !text.includes("\n")) return <span class="lt-string">{JSON.stringify(text)}</span>;
  return (
    <span class={text.includes("\n") ? "lt-string lt-lines-kept" : "lt-string"}>
      {long && !whole ? `${text.slice(0, LONG_STRING)}…` : text}
      {text === "" && <small>empty</small>}
      {long && (
        <Button aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? "show less" : `show all ${format.characters(text.length)}`}
        </Button>
      )}
    </span>
  );
}
