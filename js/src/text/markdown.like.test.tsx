/** What models write is drawn as marked draws it, which follows CommonMark's and GitHub's specifications. */

import { marked } from "marked";
import { isValidElement, toChildArray, type VNode } from "preact";
import { describe, expect, test } from "vitest";
import { markdownElements } from "./markdown";

const WRITTEN: Readonly<Record<string, string>> = {
  emphasis:
    "**bold** and *em* and ***both***, __b__ _e_, snake_case_name, 2*3*4, **a*b*c**, *a **b** c*, **not * closed",
  "emphasis at punctuation": 'He said **"yes"**, then *(no)*. **Note:** see_this_ _and that_.',
  strikes: "~~gone~~ ~also~ ~~~not~~~x",
  code: "`a` ``b`c`` ` d ` `unclosed and **bold**",
  links:
    "[a](https://a.example) [b **c**](https://b.example/x_(y) 'title') <https://c.example> https://d.example/x, (https://e.example).",
  "not links": "[a] (b) \\[d\\] a[0] = b[1](2",
  headings: "# One\n\nTwo\n===\n\nThree\n---\n\n### Four ###\n\n####Five\n\n#",
  lists: "- a\n- b\n  - c\n    - d\n- e\n\n1. one\n2. two\n   more\n3. three",
  "a loose list": "1. one\n\n   second paragraph\n\n2. two\n\n   ```python\n   x = 1\n\n   y = 2\n   ```\n3. three",
  "a list after text": "Steps:\n- a\n- b\n\nText after.\n* c\n+ d",
  "numbers in text": "In the year\n1986. It was\ngood.\n\n5. five\n6. six",
  quotes: "> a\n> b\nlazy\n>\n> - c\n> - d\n\nafter\n\n>> deep\n> less",
  fences: "```js\nconst a = `b`;\n```\ntext\n~~~\n```\n~~~\n\n````\n```\n````\n\n```open\nto the end",
  "indented code": "text\n\n    code\n\n    more\n\ntext",
  tables: "| a | b | c |\n|---|:-:|--:|\n| 1 | `x` | **3** |\n| 4 | 5 |\n\na | b\n--|--\nc \\| d | e\n\nnot | a table",
  rules: "a\n\n---\n\n***\n\n- - -\n\n_ _ _\n\nb",
  breaks: "a  \nb\\\nc\nd",
  escapes: "\\*not em\\* \\# \\` \\a \\\\ 5 \\< 6",
  entities: "a &amp; b &lt;c&gt; &copy; &nope; AT&T",
  paragraphs: "one\ntwo\n\n\nthree\n   four\n\n\n",
  "an answer":
    "Here is a plan within **budget**.\n\n## Day 1\n\n1. **Alfama** on foot:\n   - tram 28 *before nine*\n   - `Miradouro`\n2. Sintra\n\n| Day | € |\n|---|---:|\n| 1 | 35 |\n\n> Note: book early.\n\n```python\nprint('hi')  # **not bold**\n```\n\nThat leaves ~180 € (see [map](https://example.org)).",
};

/** What is drawn, in order: tags, and text with its signs escaped. */
function pieces(text: string): string[] {
  const said: string[] = [];
  const draw = (item: unknown): void => {
    if (typeof item === "string" || typeof item === "number") said.push(escaped(String(item)));
    else if (isValidElement(item)) {
      const { type, props } = item as VNode<Record<string, unknown>>;
      if (typeof type === "function") {
        draw((type as (props: unknown) => unknown)(props));
        return;
      }
      said.push(`<${type}>`);
      for (const child of toChildArray(props.children as never)) draw(child);
      said.push(`</${type}>`);
    }
  };
  draw(markdownElements(text));
  return said;
}

/** Elements and text, without the box around them and around tables. */
function ours(text: string): string {
  return tidy(pieces(text).join(""))
    .replace(/^<div>|<\/div>$/g, "")
    .replace(/<div><table>(.*?)<\/table><\/div>/gs, "<table>$1</table>");
}

function theirs(text: string): string {
  const html = marked.parse(text, { async: false });
  return tidy(html.replace(/<(\/?)h\d/g, "<$1div").replace(/<(\w+) [^>]*>/g, "<$1>"));
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const tidy = (html: string): string =>
  html
    .replaceAll("&#39;", "'")
    .replace(/&amp;(copy|nope);/g, "&$1;")
    .replaceAll("<br></br>", "<br>")
    .replaceAll("<hr></hr>", "<hr>")
    .replace(/\s*\n\s*/g, "\n")
    .replace(/\n?(<\/?(?:p|div|ul|ol|li|blockquote|pre|table|thead|tbody|tr|th|td|hr)>)\n?/g, "$1")
    .replace(/\n<\/code>/g, "</code>")
    .trim();

describe("drawn as marked draws it", () => {
  test.each(Object.keys(WRITTEN))("%s", (name) => expect(ours(WRITTEN[name] ?? "")).toBe(theirs(WRITTEN[name] ?? "")));
});

const SIGNS = [
  "*",
  "**a ",
  "a**",
  "_",
  "`",
  "``",
  "[",
  "![",
  "]",
  "[a](",
  "~~",
  "<",
  "<a@",
  "\\",
  "> ",
  "- ",
  "1. ",
  "|",
  "(",
  "&",
  "\n",
  "https://",
];

test.each(SIGNS)("%j repeated to the limit loses no letter", (sign) => {
  const text = `${sign}b `.repeat(140_000 / (sign.length + 2));
  const letters = (said: string) => said.split("b").length;
  const drawn = pieces(text).filter((piece) => !piece.startsWith("<"));
  expect(letters(drawn.join(""))).toBe(letters(text));
  expect(pieces(sign.repeat(140_000 / sign.length)).length).toBeGreaterThan(0);
});
