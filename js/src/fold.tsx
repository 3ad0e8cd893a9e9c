/** A line that opens what stands below it. */

import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";

interface FoldProps {
  label: ComponentChildren;
  open?: boolean;
  children: ComponentChildren;
}

export function Fold({ label, open: first = false, children }: FoldProps): VNode {
  const [open, setOpen] = useState(first);
  return (
    <div>
      <button type="button" class="lt-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        <i class={open ? "lt-chevron lt-open" : "lt-chevron"} aria-hidden="true" />
        {label}
      </button>
      {open && children}
    </div>
  );
}
