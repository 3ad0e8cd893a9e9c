/** One span, as components want it. It holds nothing: what it tells is in the tree's columns, as they are now. */

import type { Detail, Row } from "../wire/types.gen";
import type { Sums } from "./rollup";
import { named, nothing, ownSums } from "./rollup";
import type { Tree } from "./tree";

export class SpanNode {
  #row: { readonly version: number; readonly row: Row } | undefined;

  constructor(
    readonly tree: Tree,
    /** Its number. */
    readonly span: number,
  ) {}

  /** The span with an id; undefined if the tree has none. */
  static find(tree: Tree, id: string | undefined): SpanNode | undefined {
    const span = id === undefined ? -1 : tree.spans.ids.find(id);
    return span === -1 ? undefined : new SpanNode(tree, span);
  }

  get id(): string {
    return this.tree.spans.ids.at(this.span);
  }

  get row(): Row {
    if (this.#row?.version !== this.tree.version) {
      const parent = this.tree.parentId(this.span);
      const row = { ...this.tree.spans.row(this.span), ...(parent !== undefined && { parent }) };
      this.#row = { version: this.tree.version, row };
    }
    return this.#row.row;
  }

  get parent(): SpanNode | undefined {
    const parent = this.tree.parent(this.span);
    return parent === -1 ? undefined : new SpanNode(this.tree, parent);
  }

  /** Undefined if there is none here. While it is `coming`, the one before, if there is one. */
  get detail(): Detail | undefined {
    return this.tree.packs.get(this.span);
  }

  /** There is a detail here, which is being unpacked. */
  get coming(): boolean {
    return this.tree.packs.coming(this.span) !== undefined;
  }

  /** There is a detail, which is not here. */
  get left_out(): boolean {
    return this.tree.packs.isLeftOut(this.span);
  }

  /** The streamed reply so far. */
  get text(): string {
    return (this.detail?.text ?? "") + (this.tree.streamed.get(this.span) ?? "");
  }

  get hasChildren(): boolean {
    return this.tree.count(this.span) > 0;
  }

  /** What the span itself adds. */
  get own(): Readonly<Sums> {
    return named(ownSums(this.tree.spans, this.span, nothing()));
  }

  /** What the span and all below it come to, as of the tree's last `settle`. */
  get total(): Readonly<Sums> {
    return this.tree.total(this.span);
  }
}
