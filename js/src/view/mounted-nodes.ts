/** Our nodes in one place of the page. They can be moved to another place as they are, with what was scrolled and focused. */

import { type ComponentChild, render } from "preact";
import { focusOn } from "../dom/events";
import { walk } from "../dom/focus-movement";

export class Drawn {
  readonly host = document.createElement("div");
  #focused: HTMLElement | undefined;
  readonly #scrolls = new Map<Element, number>();

  constructor(content: ComponentChild) {
    const { host } = this;
    host.addEventListener("focusin", (event) => {
      this.#focused = event.target as HTMLElement;
    });
    host.addEventListener("focusout", () => {
      // A node that leaves the page with the focus in it may say so too, but then it wants it back.
      queueMicrotask(() => {
        if (host.isConnected && !host.contains(document.activeElement)) this.#focused = undefined;
      });
    });
    const scrolled = ({ target }: Event) => {
      if (host.isConnected) this.#scrolls.set(target as Element, (target as Element).scrollTop);
    };
    host.addEventListener("scroll", scrolled, { capture: true, passive: true });
    host.addEventListener("keydown", walk);
    render(content, host);
  }

  /** Puts back what leaving the page took: the scroll offsets, and the focus if nobody else has it. */
  restore(): void {
    for (const [element, scroll_px] of this.#scrolls) element.scrollTop = scroll_px;
    if (document.activeElement === document.body) focusOn(this.#focused);
  }

  close(): void {
    render(null, this.host);
    this.host.remove();
  }
}
