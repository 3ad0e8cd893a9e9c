/** Links into MLflow's own UI. */

import type { VNode } from "preact";
import type { View } from "../../view/view";
import type { TraceLink } from "../../wire/types.gen";
import { Sign } from "../controls/sign";

/**
 * Where a trace can be seen. ``ui`` has the addresses of the UIs that live as long as the kernel. A saved view's links to the
 * reader's own machine ended with the kernel.
 */
export function traceUrl(
  links: readonly TraceLink[],
  trace: string,
  ui: Readonly<Record<string, string>> | undefined,
  hasKernel: boolean,
): string | undefined {
  const link = links.find(({ traces }) => traces?.includes(trace) ?? true);
  if (!link) return undefined;
  const url = link.url
    .replace(/^{ui:(.+?)}/, (_, name) => ui?.[name] ?? "-") // which begins no address
    .replaceAll("{trace}", encodeURIComponent(trace));
  // Through the Jupyter server that serves this page. A browser overlooks tabs and line ends in an address.
  if (/^\/(?![\t\n\r]*[/\\])/.test(url)) return hasKernel ? url : undefined;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return undefined;
  return hasKernel || !/^(127\.|localhost$|\[::1\]$)/.test(parsed.hostname) ? url : undefined;
}

/** Where a trace of the view can be seen. */
export const linkOf = ({ store, ui, hasKernel }: View, trace: string): string | undefined =>
  traceUrl(store.links, trace, ui(), hasKernel());

export function MlflowLink({ view, trace }: { view: View; trace: string }): VNode | null {
  const url = linkOf(view, trace);
  return url === undefined ? null : (
    <a class="lt-button" href={url} target="_blank" rel="noopener noreferrer" title={url}>
      MLflow <Sign>↗</Sign>
    </a>
  );
}
