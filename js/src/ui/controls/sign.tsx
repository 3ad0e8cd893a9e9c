/** Signs for the eye, beside words that say the same or need no sign. */

import type { ComponentChildren, VNode } from "preact";

export const Sign = ({ children }: { children: ComponentChildren }): VNode => <span aria-hidden>{children}</span>;

/** Stands before what went wrong. */
export const Warning = (): VNode => <Sign>⚠ </Sign>;
