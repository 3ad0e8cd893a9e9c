/** A button of ours. */

import type { ComponentProps, VNode } from "preact";
import { Sign } from "./sign";

interface ButtonProps extends ComponentProps<"button"> {
  /** Further classes. */
  kind?: string;
  /** What is seen of it, and what is heard, where that is not the same. */
  sign?: string;
  name?: string;
}

export const Button = ({ kind = "", sign, name, children, ...given }: ButtonProps): VNode => (
  <button type="button" class={`lt-button ${kind}`} {...given}>
    {sign !== undefined && <Sign>{sign}</Sign>}
    {name !== undefined && <span class="lt-unseen">{name}</span>}
    {children}
  </button>
);
