// Bundles src/app.ts into ../ipy_llmtrace/static/app.js and app.css: one ES module and one style sheet, nothing lazy,
// because the hosts load them as text and their content policies forbid fetching more.
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const BUDGET_BYTES = 120_000;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: { app: here("src/app.ts") },
  outdir: here("../ipy_llmtrace/static"),
  bundle: true,
  format: "esm",
  target: ["es2022", "chrome110"],
  // Calls of h take less room than those that tsconfig.json's form of JSX becomes.
  jsx: "transform",
  jsxFactory: "h",
  jsxFragment: "Fragment",
  inject: [here("src/jsx.ts")],
  tsconfigRaw: {},
  minify: true,
  charset: "utf8",
  legalComments: "none",
});

for (const name of ["app.js", "app.css"]) {
  console.log(`ipy_llmtrace/static/${name}  ${statSync(here(`../ipy_llmtrace/static/${name}`)).size} bytes`);
}
const bundle_bytes = statSync(here("../ipy_llmtrace/static/app.js")).size;
if (bundle_bytes > BUDGET_BYTES) {
  console.error(`app.js has ${bundle_bytes} bytes, more than its budget of ${BUDGET_BYTES}`);
  process.exitCode = 1;
}
