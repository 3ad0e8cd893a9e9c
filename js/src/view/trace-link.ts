/** Addresses of traces in MLflow's UI. */

import type { TraceLink } from "../wire/types.gen";
import type { View } from "./view";

/**
 * The address of a trace; undefined if no link leads to it, or not anywhere a browser should go.
 *
 * @param ui addresses of the UIs that live as long as the kernel, each with the query that lets the browser in, by the names that
 *   links have for their stores
 * @param hasKernel a saved view's links to the reader's own machine ended with the kernel
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
    .replace(/^{ui:(.+?)}\//, (_, name) => ui?.[name] ?? "-") // no address begins so
    .replaceAll("{trace}", encodeURIComponent(trace));
  // A path leads through the Jupyter server that serves this page. A browser ignores tabs and line ends in an address.
  if (/^\/(?![\t\n\r]*[/\\])/.test(url)) return hasKernel ? url : undefined;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return undefined;
  return hasKernel || !/^(127\.|localhost$|\[::1\]$)/.test(parsed.hostname) ? url : undefined;
}

/** The address of a trace of the view. */
export const linkOf = ({ store, ui, hasKernel }: View, trace: string): string | undefined =>
  traceUrl(store.links, trace, ui(), hasKernel());
