/** Says what of a span's details is not in the page, and gets it from the kernel while that lives. */

import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { SpanNode } from "../../store/span-node";
import type { View } from "../../view/view";
import { BUSY_KERNEL } from "../controls/busy-kernel";
import { Button } from "../controls/button";

export function Missing({ view, node }: { view: View; node: SpanNode }): VNode | null {
  const { store, reading } = view;
  const refusal = store.refusals.get(node.id);
  const asked = reading.asked.get(node.id);
  const connected = view.hasKernel();
  const ask = (on: boolean) => {
    if (on) view.send({ kind: "detail", id: node.id });
    view.read({ asked: new Map(reading.asked).set(node.id, on) });
  };
  useEffect(() => {
    if (node.left_out && connected && refusal === undefined && asked === undefined) ask(true);
  });
  if (!node.detail?.cut && !node.left_out) return null;
  const what = node.left_out ? "The details of this span are not kept in this notebook." : "Long values are shortened.";
  return (
    <p class="lt-cut-line">
      {what}{" "}
      {refusal !== undefined ? (
        refusal
      ) : !connected ? (
        "To see them whole, run the cell again: the kernel that had them is gone."
      ) : (
        <>
          {asked && `Asked for${BUSY_KERNEL}`}
          <Button onClick={() => ask(!asked)}>{asked ? "Stop" : "Load all"}</Button>
        </>
      )}
    </p>
  );
}
