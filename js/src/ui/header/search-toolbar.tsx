/** The search: what is typed, one-click filters, where among the matches the reader is, what the kernel has found. */

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { focusOnRow, taken } from "../../dom/events";
import type { Found } from "../../rows/matches";
import { Opened } from "../../rows/open-rows";
import type { Arrangement } from "../../rows/repeats";
import type { Deep } from "../../rows/search-query";
import { SpanNode } from "../../store/span-node";
import type { Tree } from "../../store/tree";
import * as format from "../../text/format";
import { searchBodies } from "../../view/message-search";
import { goTo } from "../../view/navigation";
import type { Outline } from "../../view/use-rows";
import type { View } from "../../view/view";
import { BUSY_KERNEL } from "../controls/busy-kernel";
import { Button } from "../controls/button";
import { wordOf } from "../controls/span-type";
import { SearchBox } from "./search-box";

/** Up to so many spans there is nothing to search. */
const FEW = 8;

const STEPS = [
  ["Previous match", "↑", -1],
  ["Next match", "↓", 1],
] as const;

export function Toolbar({ view, outline }: { view: View; outline: Outline }): VNode | null {
  const { reading, store } = view;
  const { query, found } = outline;
  if (reading.query === undefined && store.tree.size <= FEW) return null;
  const text = reading.query ?? "";
  const search = (typed: string | undefined) => view.read({ query: typed, bodies: undefined, closed: new Opened() });
  const active = SpanNode.find(store.tree, reading.active)?.span ?? -1;
  const step = (by: 1 | -1) => goTo(view, outline, reading.active, (span) => found?.has(span) === true, by);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      if (query?.deep) searchBodies(view, query.deep);
      step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      const part = (event.currentTarget as Element).closest(".lt-part");
      search(undefined);
      // When the rows are back.
      requestAnimationFrame(() => focusOnRow(part));
    } else if (event.key === "ArrowDown") focusOnRow(event.currentTarget as Element);
    else return;
    taken(event);
  };
  const bad = query?.bad ?? [];
  return (
    <div class="lt-toolbar" role="search" aria-label={`Trace of cell [${store.cell.label}]`}>
      <SearchBox text={text} bad={bad} search={search} onKeyDown={onKeyDown} />
      <Chips view={view} text={text} search={search} />
      {found !== undefined && (
        <>
          <span class="lt-dim" aria-live="polite">
            {placeText(found, active, outline.arrangement)}
          </span>
          <span>
            {STEPS.map(([name, sign, by]) => (
              <Button
                key={name}
                title={name}
                disabled={found.count === 0}
                onClick={() => step(by)}
                sign={sign}
                name={name}
              />
            ))}
          </span>
          <Button kind="lt-chip" aria-pressed={reading.only} onClick={() => view.read({ only: !reading.only })}>
            only matches
          </Button>
        </>
      )}
      <span role="status">
        {bad[0] && <span class="lt-error">not understood: {bad.join(", ")}</span>}{" "}
        {query?.deep && <Bodies view={view} deep={query.deep} nots={query.nots} />}
      </span>
    </div>
  );
}

function placeText(found: Found, active: number, arrangement: Arrangement): string {
  if (found.count === 0) return "no match";
  const place = found.placeOf(active, arrangement);
  return place === 0
    ? format.counted(found.count, "match", "es")
    : `${format.grouped(place)} of ${format.grouped(found.count)}`;
}

interface ChipsProps {
  view: View;
  text: string;
  search: (typed: string | undefined) => void;
}

/** Filters that are words of the query, put in and taken out by a click; more of them once the search is open. */
function Chips({ view, text, search }: ChipsProps): VNode {
  const { store } = view;
  const { tree } = store;
  const searching = view.reading.query !== undefined;
  const [more, setMore] = useState<readonly Chip[]>([]);
  // When the rows are there, which one waits for.
  useEffect(() => setMore(searching ? chipsOf(tree) : []), [searching, tree, tree.spans.texts.size]);
  const chips: Chip[] = [
    store.summary?.errors ? ["status:error", "Errors"] : [],
    store.isRunning ? ["status:running", "Running"] : [],
    ["type:llm", "LLM calls"],
    ...more,
  ];
  const terms: string[] = text.match(/\S*"[^"]*"?|\S+/g) ?? [];
  const toggle = (term: string) => {
    const others = terms.filter((each) => each !== term);
    search((others.length < terms.length ? others : [...terms, term]).join(" ") || undefined);
  };
  return (
    <span class="lt-chips">
      {chips.map(
        ([term, name]) =>
          term && (
            <Button
              key={term}
              kind="lt-chip"
              aria-pressed={terms.includes(term)}
              title={term}
              onClick={() => toggle(term)}
            >
              {name}
            </Button>
          ),
      )}
    </span>
  );
}

/** What a chip puts into the query, and what it says; nothing is no chip. */
type Chip = readonly [term: string, name: string] | readonly [];

const MOST_CHIPS = 10;

/** Chips for the types and models that there are, where there is a choice; of many, half are for each. */
export function chipsOf({ spans: { texts, type, model } }: Tree): Chip[] {
  const types = texts.of("type", type).filter((each) => each !== "LLM");
  const models = texts.of("model", model);
  if (models.length === 1) models.pop();
  const quoted = (value: string) => (/[\s"]/.test(value) ? `"${value}"` : value);
  return [
    ...types
      .slice(0, Math.max(MOST_CHIPS / 2, MOST_CHIPS - models.length))
      .map((type): Chip => [`type:${type.toLowerCase()}`, wordOf(type)]),
    ...models.map((model): Chip => [`model:${quoted(model)}`, model]),
  ].slice(0, MOST_CHIPS);
}

/** The search through messages, inputs and outputs. */
function Bodies({ view, deep, nots }: { view: View; deep: Deep; nots: readonly string[] }): VNode {
  const { bodies } = view.reading;
  if (!bodies) {
    return (
      <Button kind="lt-link" onClick={() => searchBodies(view, deep)}>
        search messages, too (Enter)
      </Button>
    );
  }
  if (bodies.ids) {
    return (
      <span class="lt-dim">
        {format.counted(bodies.ids.size, "span")} with it in messages, inputs or outputs
        {bodies.note && `; ${bodies.note}`}
        {nots[0] && "; -words: in columns only"}
      </span>
    );
  }
  return (
    <span class="lt-dim">
      Searching messages{view.hasKernel() ? BUSY_KERNEL : " … "}
      <Button kind="lt-link" onClick={() => view.read({ bodies: bodies.previous })}>
        stop
      </Button>
    </span>
  );
}
