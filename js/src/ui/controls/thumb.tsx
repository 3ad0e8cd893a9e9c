/** Thumbs up and down. */

import type { VNode } from "preact";

export const thumbName = (up: boolean): string => `Thumbs ${up ? "up" : "down"}`;

export function ThumbIcon({ up }: { up: boolean }): VNode {
  return (
    <svg class={up ? "lt-thumb-up" : "lt-thumb-down"} viewBox="0 0 16 16" width="14" height="14" aria-hidden>
      <path d="M2 7h2.5v7H2zM6 7l2.7-5.5c1 0 1.8.7 1.8 1.7V6h3.4l.9 1.2-1.2 6-.9.8H6z" />
    </svg>
  );
}
