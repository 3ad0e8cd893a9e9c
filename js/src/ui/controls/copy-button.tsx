/** A button that copies text. */

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { focusOn } from "../../dom/events";
import { Button } from "./button";

export const NOT_COPIED = "Copying is blocked here";

interface CopyProps {
  text: () => string | Promise<string>;
  label?: string;
  title?: string;
  kind?: string;
}

export function CopyButton({ text, label = "Copy", title, kind }: CopyProps): VNode {
  const [said, setSaid] = useState<string>();
  const copy = async () => setSaid((await copied(text)) ? "Copied" : NOT_COPIED);
  return (
    <Button kind={kind} title={title} onClick={copy} onBlur={() => setSaid(undefined)}>
      {said ?? label}
    </Button>
  );
}

/** Whether it could be copied; what makes the text may fail. */
export async function copied(make: () => string | Promise<string>): Promise<boolean> {
  try {
    const text = await make();
    return await navigator.clipboard.writeText(text).then(
      () => true,
      () => copiedBySelection(text),
    );
  } catch {
    return false;
  }
}

/** For pages without https or the permission, such as a Jupyter on a plain http host. */
function copiedBySelection(text: string): boolean {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.style.cssText = "position:fixed;opacity:0";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focusOn(focused);
  return done;
}
