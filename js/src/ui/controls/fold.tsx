/** A line that opens what stands below it. */

import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";

interface FoldProps {
  label: ComponentChildren;
  /** Further classes of the line. */
  kind?: string;
  open?: boolean;
  children: ComponentChildren;
}

export function Fold({ label, kind, open: first = false, children }: FoldProps): VNode {
  const [open, setOpen] = useState(first);
  return (
    <div>
      <FoldButton open={open} setOpen={setOpen} kind={kind}>
        {label}
      </FoldButton>
      {open && children}
    </div>
  );
}

interface FoldButtonProps {
  open: boolean;
  setOpen: (open: boolean) => void;
  kind?: string | undefined;
  children: ComponentChildren;
}

export const FoldButton = ({ open, setOpen, kind = "", children }: FoldButtonProps): VNode => (
  <button type="button" class={`lt-fold ${kind}`} aria-expanded={open} onClick={() => setOpen(!open)}>
    <i class={open ? "lt-chevron lt-open" : "lt-chevron"} aria-hidden />
    {children}
  </button>
);
