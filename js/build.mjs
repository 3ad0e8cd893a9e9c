// Bundles src/app.ts into ../ipy_llmtrace/static/app.js and app.css: one ES module and one style sheet, nothing lazy,
// because the hosts load them as text and their content policies forbid fetching more.
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const BUDGET_BYTES = 120_000;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Of marked only the lexer is used, but its one file ends with set-up code that keeps the rest alive: that is left out. */
const lexerOnly = {
  name: "lexer-only",
  setup({ onLoad }) {
    onLoad({ filter: /marked\.esm\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const setUp = source.search(/var \w+=new \w+;function \w+\(\w+,\w+\)\{return \w+\.parse\(/);
      const name = /(\w+) as Lexer[,}]/.exec(source)?.[1];
      if (setUp < 0 || name === undefined) throw new Error("marked has changed: see lexerOnly in js/build.mjs");
      return { contents: `${source.slice(0, setUp)}export{${name} as Lexer}` };
    });
  },
};

await build({
  entryPoints: { app: here("src/app.ts") },
  outdir: here("../ipy_llmtrace/static"),
  bundle: true,
  format: "esm",
  target: ["es2022", "chrome110"],
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  plugins: [lexerOnly],
});

for (const name of ["app.js", "app.css"]) {
  console.log(`ipy_llmtrace/static/${name}  ${statSync(here(`../ipy_llmtrace/static/${name}`)).size} bytes`);
}
const bundle_bytes = statSync(here("../ipy_llmtrace/static/app.js")).size;
if (bundle_bytes > BUDGET_BYTES) {
  console.error(`app.js has ${bundle_bytes} bytes, more than its budget of ${BUDGET_BYTES}`);
  process.exitCode = 1;
}
