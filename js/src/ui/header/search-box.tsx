/** The search box; what of the query is not understood is underlined in it. */

import type { VNode } from "preact";
import { useRef } from "preact/hooks";

interface SearchBoxProps {
  text: string;
  /** The words that are not understood. */
  bad: readonly string[];
  search: (typed: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

export function SearchBox({ text, bad, search, onKeyDown }: SearchBoxProps): VNode {
  const marks = useRef<HTMLDivElement>(null);
  return (
    <div class="lt-searchbox">
      <input
        type="search"
        class="lt-search"
        placeholder="Search: words, type:tool, >500ms, cost>0.01"
        aria-label="Search spans"
        aria-invalid={bad.length > 0}
        spellcheck={false}
        value={text}
        onInput={(event) => search(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onScroll={({ currentTarget }) => {
          if (marks.current !== null) marks.current.scrollLeft = currentTarget.scrollLeft;
        }}
      />
      {bad.length > 0 && (
        <div class="lt-search lt-marks" ref={marks} aria-hidden>
          {text.split(/(\s+)/).map((word, index) => (
            <span key={index} class={bad.includes(word.replace(/^-/, "")) ? "lt-bad" : undefined}>
              {word}
            </span>
          ))}
        </div>
      )}
    </div>
  );
}
