/// <reference types="vite/client" />

/**
 * The layers of the front-end: what each folder may import, from the bottom up. A folder that needs more belongs elsewhere, or
 * the thing that it needs does.
 */

import { expect, test } from "vitest";

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  // The contract with the kernel, and the page's own events.
  wire: [],
  dom: [],
  // What the kernel sent, and the notebook that keeps it.
  store: ["wire"],
  host: ["wire", "dom"],
  // Spans as text, and as the rows of a tree.
  text: ["wire", "store"],
  rows: ["wire", "store", "text"],
  // One view of a trace: what the reader did in it, and where it stands in the page.
  view: ["wire", "dom", "host", "store", "text", "rows"],
  // What the reader sees. The three parts do not know one another.
  "ui/controls": ["wire", "dom", "text", "view"],
  "ui/header": ["wire", "dom", "store", "text", "rows", "view", "ui/controls"],
  "ui/tree": ["wire", "dom", "store", "text", "rows", "view", "ui/controls"],
  "ui/details": ["wire", "dom", "store", "text", "rows", "view", "ui/controls"],
  ui: ["wire", "dom", "store", "view", "ui/controls", "ui/header", "ui/tree", "ui/details"],
  // The entries: the App's module, its loader, an exported page.
  ".": ["wire", "host", "text", "view", "ui"],
};

/** The text of each file, by its path from here. */
const texts = import.meta.glob<string>(["./**/*.{ts,tsx}", "!./**/*.{test,d}.{ts,tsx}"], {
  query: "?raw",
  import: "default",
  eager: true,
});
const files = Object.keys(texts).map((path) => path.slice(2));

const folderOf = (file: string): string => file.split("/").slice(0, -1).join("/") || ".";

/** The files that a file imports. */
const importsOf = (file: string): string[] =>
  [...(texts[`./${file}`] ?? "").matchAll(/^(?:import|export)\b[^"]*?"(\.[^"]+)";/gm)].map(([, path = ""]) => {
    const target = new URL(path, `file:///${file}`).pathname.slice(1);
    return files.find((each) => each.replace(/\.tsx?$/, "") === target) ?? target;
  });

test("each folder imports only what it may", () => {
  const forbidden = files.flatMap((file) =>
    importsOf(file)
      .filter(
        (target) => folderOf(target) !== folderOf(file) && !MAY_IMPORT[folderOf(file)]?.includes(folderOf(target)),
      )
      .map((target) => `${file} imports ${target}`),
  );
  expect(forbidden).toEqual([]);
});

test("no file imports itself by way of others", () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    else if (!done.has(file)) for (const target of importsOf(file)) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test("the list of layers has no folder that is not there", () => {
  const folders = new Set(files.map(folderOf));
  expect(Object.keys(MAY_IMPORT).filter((folder) => !folders.has(folder))).toEqual([]);
  expect([...folders].filter((folder) => MAY_IMPORT[folder] === undefined)).toEqual([]);
});
