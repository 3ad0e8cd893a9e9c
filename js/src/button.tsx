/** A button of ours. */

import type { ComponentProps, VNode } from "preact";

interface ButtonProps extends ComponentProps<"button"> {
  /** Further classes. */
  kind?: string;
}

export const Button = ({ kind = "", ...given }: ButtonProps): VNode => (
  <button type="button" class={`lt-button ${kind}`} {...given} />
);
