/** Text of a model or a document, as Markdown or as it was written. */

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import * as format from "../../text/format";
import { Markdown } from "../../text/markdown";
import { Button } from "../controls/button";

/** Beyond this a text is cut until all of it is asked for, because laying it out would stop the page. */
const SHOWN_CHARACTERS = 64_000;

export function LongText({ text, raw }: { text: string; raw: boolean }): VNode {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > SHOWN_CHARACTERS;
  const shown = cut ? text.slice(0, SHOWN_CHARACTERS) : text;
  return (
    <>
      {raw ? <pre class="lt-raw">{shown}</pre> : <Markdown text={shown} />}
      {cut && <Button onClick={() => setWhole(true)}>show all {format.characters(text.length)}</Button>}
    </>
  );
}
