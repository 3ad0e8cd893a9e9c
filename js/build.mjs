/**
 * Builds ipy_llmtrace/static, one file for each use and nothing lazy: hosts load text, and their content policies forbid
 * loading more.
 *
 *   app.js              the App widget's `_esm`: src/loader.ts, which carries view.js deflated
 *   view.js             src/app.ts and the style sheet, for hosts that cannot run the deflated module
 *   page.js, page.css   src/page.ts and the style sheet, for an exported page
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";
import { build } from "esbuild";

/**
 * The most bytes of app.js, which each notebook keeps once. A feature may raise it, with its reason here; it never exceeds
 * 160,000.
 *
 *   100,000  the view
 *  + 10,000  its style sheet, in the place of 26,000 bytes of `_css`
 */
const MOST_APP_BYTES = 110_000;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The text of a bundled entry. */
async function bundled(entry, options = {}) {
  const { outputFiles } = await build({
    entryPoints: [here(entry)],
    tsconfig: here("tsconfig.json"),
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022", "chrome110"],
    charset: "utf8",
    legalComments: "none",
    write: false,
    ...options,
  });
  return outputFiles[0].text;
}

const styles = await bundled("src/styles.css");
const view = await bundled("src/app.ts", { define: { STYLES: JSON.stringify(styles) } });
const deflated = deflateSync(view, { level: 9 }).toString("base64");
const files = {
  "app.js": await bundled("src/loader.ts", { define: { DEFLATED_VIEW: JSON.stringify(deflated) } }),
  "view.js": view,
  "page.js": await bundled("src/page.ts"),
  "page.css": styles,
};

mkdirSync(here("../ipy_llmtrace/static"), { recursive: true });
for (const [name, text] of Object.entries(files)) {
  writeFileSync(here(`../ipy_llmtrace/static/${name}`), text);
  console.log(`ipy_llmtrace/static/${name}  ${Buffer.byteLength(text)} bytes`);
}
const app_bytes = Buffer.byteLength(files["app.js"]);
if (app_bytes > MOST_APP_BYTES) {
  console.error(`app.js has ${app_bytes} bytes, more than the ${MOST_APP_BYTES} that a notebook may keep of it`);
  process.exitCode = 1;
}
