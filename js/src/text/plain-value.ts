/** Any value as text, for showing, copying and searching. */

import { isText } from "../wire/shapes";

/** Text as it is, anything else as JSON. */
export const plain = (value: unknown, indent?: number): string =>
  isText(value) ? value : (JSON.stringify(value, null, indent) ?? "");

/** Text as it is, anything else as indented JSON. */
export const indented = (value: unknown): string => plain(value, 2);
