/** Long lists in pieces: what is in the page is little until more is asked for. */

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import * as format from "../../text/format";
import { Button } from "./button";

/** So many lines of a list, or a little more, are there at first; a line is about six elements of the page. */
export const LINES = 50;
const PIECE = 100;

/**
 * The items that are to be shown, with `lines` of lines each, and the button that brings more, where there are more.
 * With `earlier` they are the last ones, and the button is for those before them, which have this name.
 */
export function usePieces<Item>(
  items: readonly Item[],
  lines: (item: Item) => number = () => 1,
  earlier?: string,
): [shown: readonly Item[], more: VNode | false] {
  const [asked, ask] = useState(0);
  let count = 0;
  for (let room = LINES; room > 0 && count < items.length; count++) {
    room -= lines(items.at(earlier ? -1 - count : count) as Item);
  }
  count += asked;
  const left = items.length - count;
  return [
    earlier ? items.slice(-count) : items.slice(0, count),
    left > 0 && (
      <Button onClick={() => ask(asked + PIECE)}>
        {left > PIECE ? `${PIECE} more of ${format.grouped(left)}` : `${left} more`} {earlier}
      </Button>
    ),
  ];
}
