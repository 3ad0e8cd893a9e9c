/** Trees for tests, made of rows that come as they do from the kernel. */

import type { GridRow, Rows } from "../src/rows/rows";
import { Incoming } from "../src/store/spans";
import { Tree } from "../src/store/tree";
import type { Row } from "../src/wire/types.gen";
import { columnsOf } from "./columns";

/** Puts rows into a tree, as one message; returns the span of the last. */
export function put(tree: Tree, ...rows: Row[]): number {
  let span = -1;
  const incoming = new Incoming(tree.spans, columnsOf(rows.map((row) => ({ row }))));
  while (incoming.next()) span = tree.put(incoming);
  return span;
}

export function treeOf(...rows: Row[]): Tree {
  const tree = new Tree();
  put(tree, ...rows);
  tree.settle();
  return tree;
}

/** The span with an id; throws if it is not there. */
export function spanOf(tree: Tree, id: string): number {
  const span = tree.spans.ids.find(id);
  if (span === -1) throw new Error(`no span ${id}`);
  return span;
}

/** The ids of all spans, from top to bottom. */
export const idsOf = (tree: Tree): string[] => [...tree.order()].map((span) => tree.spans.ids.at(span));

/** All rows of a grid. */
export const listed = (rows: Rows): GridRow[] =>
  Array.from({ length: rows.length }, (_, index) => rows.at(index) as GridRow);
