/** One place in the page that the host gave for a view. */

import type { ComponentChild } from "preact";
import type { Model } from "../host/anywidget";
import { arrange } from "../host/output-area";
import { Drawn } from "./mounted-nodes";
import type { Placement } from "./view-state";

/** What is as near to the window as this will soon be in sight. */
const NEAR = "200px";

/** What a place needs of the view that it shows. */
export interface PlacedView {
  readonly placement: Placement;
  readonly isRunning: boolean;
  content(): ComponentChild;
  /** Listens to a model until the returned function is called. */
  listen(model: Model): () => void;
  /** The place came into sight. */
  seen(): void;
}

export class Slot {
  #drawn: Drawn | undefined;
  #unlisten: (() => void) | undefined;
  #connected = false;
  /** JupyterLab's output area around the place. */
  #area: HTMLElement | undefined;
  /** Whether a reader can see the place, or nearly. */
  inSight = true;
  readonly #seen = new IntersectionObserver(
    (entries) => {
      this.inSight = entries.at(-1)?.isIntersecting ?? true;
      if (this.inSight) this.view.seen();
    },
    { rootMargin: NEAR },
  );
  readonly #resized = new ResizeObserver(() => this.#look());
  readonly #outputs = new MutationObserver(() => this.arrange());

  constructor(
    readonly view: PlacedView,
    readonly model: Model,
    readonly el: HTMLElement,
  ) {}

  /** Whether the place has left the page with our nodes in it. */
  get hasLeft(): boolean {
    return this.#drawn !== undefined && this.#connected && !this.#drawn.host.isConnected;
  }

  /** Shows the view here, with the nodes of a place that has left the page, or with new ones. */
  show(old: Slot | undefined): void {
    this.#fill(old?.handOver());
    this.#resized.observe(this.el);
    this.#seen.observe(this.el);
    this.#look();
    // Not before: where both are in one output area, that is not to be laid out without the view, not even for a moment.
    old?.leave();
  }

  #fill(drawn: Drawn = new Drawn(this.view.content())): void {
    this.#unlisten = this.view.listen(this.model);
    this.#drawn = drawn;
    this.el.append(drawn.host);
  }

  /** Gives our nodes up to another place. */
  handOver(): Drawn | undefined {
    const drawn = this.#drawn;
    this.#drawn = undefined;
    return drawn;
  }

  /** The place came into the page, left it, or changed its width. */
  #look(): void {
    const arrived = this.el.isConnected && !this.#connected;
    this.#connected = this.el.isConnected;
    if (arrived) this.#arrive();
    if (this.#connected) this.arrange();
  }

  #arrive(): void {
    // Empty, when another place took our nodes while this one was out of the page, as a second window on a notebook does.
    if (this.#drawn === undefined) this.#fill();
    this.#area = this.el.closest<HTMLElement>(".jp-OutputArea-child")?.parentElement ?? undefined;
    if (this.#area !== undefined) {
      this.#outputs.observe(this.#area, { childList: true });
      this.#resized.observe(this.#area);
    }
    this.#drawn?.restore();
  }

  /** Puts the view beside or below the cell's own output. */
  arrange(): void {
    if (this.#drawn === undefined) return;
    const { host } = this.#drawn;
    host.dataset.llmtracePlacement = this.view.placement;
    host.toggleAttribute("data-llmtrace-running", this.view.isRunning);
    host.toggleAttribute("data-llmtrace-movable", this.#area !== undefined && arrange(this.#area));
  }

  /** Listens to nothing any more, and lets the output area be as it is without the view, if that is not in there. */
  leave(): void {
    this.#unlisten?.();
    this.#unlisten = undefined;
    this.#outputs.disconnect();
    if (this.#area === undefined) return;
    this.#resized.unobserve(this.#area);
    arrange(this.#area);
    this.#area = undefined;
  }

  close(): void {
    this.#drawn?.close();
    this.#drawn = undefined;
    this.leave();
    this.#resized.disconnect();
    this.#seen.disconnect();
  }
}
