/**
 * The App widget's `_esm`. Each notebook keeps it, so it carries the view's module deflated, in base64, and imports that from a
 * blob: address, as anywidget itself imports modules.
 *
 * A page whose content policy forbids blob: modules, or whose browser lacks DecompressionStream, cannot import it so. There the
 * loader asks the kernel, which puts the plain module into `_esm`; the host then imports that as it imported this file. Without
 * an answer, the view's place says so.
 */

import type { AppExports, AppModule, InitializeProps, RenderProps } from "./host/anywidget";
import { fromBase64, inflate } from "./wire/deflated";

/** The view's module (src/app.ts), put in by the build. */
declare const DEFLATED_VIEW: string;

const RETRY_MS = 50;
const GIVE_UP_MS = 10_000;

export default async function load(): Promise<AppModule> {
  let url: string | undefined;
  try {
    const code = await inflate(fromBase64(DEFLATED_VIEW));
    url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const { default: makeApp } = (await import(url)) as { default: () => AppModule };
    return makeApp();
  } catch (error) {
    console.warn(
      "ipy_llmtrace: this page cannot import the deflated view, the kernel is asked for the plain one.",
      error,
    );
    return { initialize: askForPlainView };
  } finally {
    if (url !== undefined) URL.revokeObjectURL(url);
  }
}

function askForPlainView({ model }: InitializeProps): AppExports {
  try {
    model?.send({ kind: "plain_view" });
  } catch {
    // No kernel: render says so.
  }
  const exports: AppExports = {
    async render(props) {
      const app = await plainApp(props, exports);
      if (app !== undefined) return app.render(props);
      props.el.textContent =
        "This page's content policy does not let the trace view run. %llmtrace on --view text prints traces instead.";
    },
  };
  return exports;
}

/** What the plain view exports, once the host has imported it. */
async function plainApp({ model, host, signal }: RenderProps, loader: AppExports): Promise<AppExports | undefined> {
  const until_ms = Date.now() + GIVE_UP_MS;
  while (host !== undefined && !signal?.aborted && Date.now() < until_ms) {
    // Rejected while the host replaces the module.
    const widget = await host.getWidget(String(model.get("app"))).catch(() => undefined);
    if (widget !== undefined && widget.exports !== loader) return widget.exports;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  return undefined;
}
