// Serves dev/index.html and dev/bench.html with the view built in, on 127.0.0.1, and builds again on every load. An argument sets the port.
import { fileURLToPath } from "node:url";
import { context } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const bundle = await context({
  entryPoints: [`${here}page.ts`, `${here}bench.ts`],
  outdir: here,
  write: false,
  bundle: true,
  format: "esm",
  target: ["es2022", "chrome110"],
  tsconfig: fileURLToPath(new URL("../tsconfig.json", import.meta.url)),
  // The pages link the style sheet.
  define: { STYLES: '""' },
  sourcemap: "inline",
});
const { port } = await bundle.serve({ host: "127.0.0.1", port: Number(process.argv[2] ?? 0), servedir: here });
console.log(
  `http://127.0.0.1:${port}/  (?show=agent,live&host=vscode&theme=dark&width=1200; dev/cases.ts names all that it can show)`,
);
