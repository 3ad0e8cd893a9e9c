// Bundles src/app.ts into ../ipy_llmtrace/static/app.js and app.css: one ES module and one style sheet, nothing lazy,
// because the hosts load them as text and their content policies forbid fetching more.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minify } from "terser";
import { SHORTENED } from "./names.mjs";

const BUDGET_BYTES = 124_000;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

// `Math.max`, `document` and their like become the variables that there are for them.
const builtins = Array.from(
  readFileSync(here("src/builtins.ts"), "utf8").matchAll(/ as ((\w+?)_(\w+))/g),
  ([, variable, of, name]) => [of === "globalThis" ? name : `${of}.${name}`, variable],
);

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
  inject: [here("src/jsx.ts"), here("src/builtins.ts")],
  define: Object.fromEntries(builtins),
  tsconfigRaw: {},
  minify: true,
  mangleProps: SHORTENED,
  charset: "utf8",
  legalComments: "none",
});

const bundle = here("../ipy_llmtrace/static/app.js");
const styles = here("../ipy_llmtrace/static/app.css");

// What esbuild leaves: 2 kB. "Unsafe" is only for who changes what the language has built in.
const compress = {
  ...{
    passes: 4,
    sequences: false,
    ecma: 2022,
    builtins_ecma: 2022,
    builtins_pure: true,
    unsafe: true,
    pure_getters: true,
  },
  ...{ hoist_props: false, keep_fargs: false, unsafe_arrows: true, unsafe_undefined: true },
};
// A variable that nothing sets takes less room than "void 0".
const { code } = await minify(`var undefined;${readFileSync(bundle, "utf8")}`, { module: true, ecma: 2022, compress });
const css = readFileSync(styles, "utf8");

// Classes get short names, the most frequent the shortest. What the view makes of parts, `lt-is-…`, stays.
const CLASS = /(?<!-)\blt-(?!is-)[a-z-]+/g;
const uses = new Map();
for (const [name] of [...code.matchAll(CLASS), ...css.matchAll(CLASS)]) uses.set(name, (uses.get(name) ?? 0) + 1);
const names = [...uses.keys()].sort((a, b) => uses.get(b) - uses.get(a));
const short = new Map(names.map((name, index) => [name, `_${index.toString(36)}`]));
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
