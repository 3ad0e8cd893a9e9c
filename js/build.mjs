// Bundles src/app.ts into ../ipy_llmtrace/static/app.js and app.css: one ES module and one style sheet, nothing lazy,
// because the hosts load them as text and their content policies forbid fetching more.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minify } from "terser";
import { SHORTENED } from "./names.mjs";

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
  mangleProps: SHORTENED,
  charset: "utf8",
  legalComments: "none",
});

const bundle = here("../ipy_llmtrace/static/app.js");
const styles = here("../ipy_llmtrace/static/app.css");

// What esbuild leaves: 2 kB. It may rely on the built-in functions being what they are.
const compress = {
  ...{ passes: 4, ecma: 2022, hoist_funs: true, unsafe: true },
  ...{ keep_fargs: false, pure_getters: true, unsafe_arrows: true },
};
const { code } = await minify(readFileSync(bundle, "utf8"), { module: true, ecma: 2022, compress });
const css = readFileSync(styles, "utf8");

// Long classes get short names, the same in both. What the view makes of parts, `lt-is-…`, stays.
const CLASS = /(?<!-)\blt-(?!is-)[a-z-]{4,}/g;
const classes = [...new Set([...code.matchAll(CLASS), ...css.matchAll(CLASS)].map(([name]) => name))];
const short = new Map(classes.map((name, index) => [name, `lt${index.toString(36)}`]));
const shortened = (text) => text.replace(CLASS, (name) => short.get(name));
writeFileSync(bundle, shortened(code));
writeFileSync(styles, shortened(css));

for (const name of ["app.js", "app.css"]) {
  console.log(`ipy_llmtrace/static/${name}  ${statSync(here(`../ipy_llmtrace/static/${name}`)).size} bytes`);
}
const bundle_bytes = statSync(bundle).size;
if (bundle_bytes > BUDGET_BYTES) {
  console.error(`app.js has ${bundle_bytes} bytes, more than its budget of ${BUDGET_BYTES}`);
  process.exitCode = 1;
}
