/** A link to a trace in MLflow's UI. */

import type { VNode } from "preact";
import { linkOf } from "../../view/trace-link";
import type { View } from "../../view/view";
import { Sign } from "./sign";

export function MlflowLink({ view, trace }: { view: View; trace: string }): VNode | null {
  const url = linkOf(view, trace);
  return url === undefined ? null : (
    <a class="lt-button" href={url} target="_blank" rel="noopener noreferrer" title={url.replace(/\?[^#]*/, "")}>
      MLflow <Sign>↗</Sign>
    </a>
  );
}
