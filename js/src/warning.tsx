/** The sign before what went wrong; what is heard is the text after it. */

import type { VNode } from "preact";

export const Warning = (): VNode => <span aria-hidden="true">⚠ </span>;
