import { isValidElement, toChildArray, type VNode } from "preact";
import { describe, expect, test } from "vitest";
import { markdownElements, safeUrl } from "./markdown";

interface Drawn {
  tag: string;
  props: Record<string, unknown>;
}

/** Every element that would come into the page, and all its text. */
function drawn(text: string): { elements: Drawn[]; text: string } {
  const elements: Drawn[] = [];
  let said = "";
  const stack: unknown[] = [markdownElements(text)];
  for (let item = stack.shift(); item !== undefined; item = stack.shift()) {
    if (typeof item === "string" || typeof item === "number") said += item;
    else if (isValidElement(item)) {
      const { type, props } = item as VNode<Record<string, unknown>>;
      if (typeof type === "function") stack.unshift((type as (props: unknown) => unknown)(props));
      else {
        if (typeof type === "string") elements.push({ tag: type, props });
        stack.unshift(...toChildArray(props.children as never));
      }
    }
  }
  return { elements, text: said };
}

const HARMLESS = new Set(
  "div p pre code small span strong em del br hr ul ol li blockquote table thead tbody tr th td a".split(" "),
);
const ATTRIBUTES = new Set(["class", "children", "href", "title", "target", "rel", "start", "style"]);

const NOTE = "Not all of this text is formatted: it is too long, too deeply nested, or takes too long.";

const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "a <svg/onload=alert(1)> b",
  "<iframe src='https://evil.example'></iframe>",
  "<style>*{display:none}</style>",
  "<a href='javascript:alert(1)'>x</a>",
  "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java\tscript:alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](javascript&colon;alert(1))",
  "[x](data:text/html,<script>alert(1)</script>)",
  "[x](vbscript:msgbox(1))",
  "[x](file:///etc/passwd)",
  "[x](blob:https://a/b)",
  "[x](//evil.example)",
  "[x](../api/kernels)",
  "[x]: javascript:alert(1)\n\n[x]",
  "<javascript:alert(1)>",
  '[x](https://a.example "onmouseover=alert(1)")',
  '[x](https://a.example" onclick="alert(1))',
  "![x](https://evil.example/pixel.png)",
  "![x](javascript:alert(1))",
  "[![x](https://evil.example/a.png)](javascript:alert(1))",
  "```html\n<script>alert(1)</script>\n```",
  "`<img src=x onerror=alert(1)>`",
  "| <img src=x onerror=alert(1)> |\n|---|\n| [x](javascript:1) |",
  "- [ ] <input onfocus=alert(1) autofocus>",
  "<details open ontoggle=alert(1)>",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
];

describe("hostile Markdown", () => {
  test.each(HOSTILE)("%j becomes nothing but text and harmless elements", (text) => {
    for (const { tag, props } of drawn(text).elements) {
      expect(HARMLESS).toContain(tag);
      for (const name of Object.keys(props)) expect(ATTRIBUTES).toContain(name);
      expect(props).not.toHaveProperty("dangerouslySetInnerHTML");
      if (tag === "a") {
        expect(String(props.href)).toMatch(/^(https?|mailto):/);
        expect(props.rel).toBe("noopener noreferrer");
        expect(props.target).toBe("_blank");
      }
    }
  });

  test("HTML is shown as it was written", () => {
    expect(drawn("a <b onclick=x()>bold</b>").text).toBe("a <b onclick=x()>bold</b>");
  });

  test("an image is told of by its text and address", () => {
    const { elements, text } = drawn("![a cat](https://evil.example/p.png)");
    expect(text).toBe("[image: a cat] https://evil.example/p.png");
    expect(elements.map(({ tag }) => tag)).not.toContain("img");
  });

  test.each([
    ["nested quotes", ">".repeat(20_000)],
    ["nested lists", `${"- ".repeat(1000)}x`],
    ["brackets", "[".repeat(30_000)],
    ["nested emphasis", "*a **b ".repeat(300) + "c** d* ".repeat(300)],
    ["long text", "word ".repeat(40_000)],
    ["text that marked takes minutes for", "*a_".repeat(20_000)],
  ])("%s: all of it is shown, and that not all is formatted", (_, text) => {
    const shown = drawn(text).text;
    const letters = (each: string) => each.replace(/[^a-z[]/g, "");
    expect(shown).toContain(NOTE);
    expect(letters(shown.replace(NOTE, ""))).toBe(letters(text));
  });

  test("a long answer is formatted as a whole", () => {
    const answer =
      "## Day\n\n1. **Alfama** on foot:\n   - tram 28 *early*\n   - `Miradouro`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nSo **much** for `that`.\n\n";
    const { elements, text } = drawn(answer.repeat(150));
    expect(elements.filter(({ tag }) => tag === "table").length).toBe(150);
    expect(text).not.toContain(NOTE);
  });
});

describe("links", () => {
  test.each(["https://a.example/x?y#z", "http://a.example/", "mailto:me@a.example"])("%s stays", (href) => {
    expect(safeUrl(href)).toBe(href);
  });
  test.each(["javascript:1", " javascript:1", "java\nscript:1", "data:,x", "/x", "x", "", "ftp://a", "https://"])(
    "%j is none",
    (href) => expect(safeUrl(href)).toBeUndefined(),
  );
});

test("what models write is drawn", () => {
  const { elements, text } = drawn(
    "# Plan\n\n1. **Day** `one`\n2. ~~two~~\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n- [x] done &amp; dusted",
  );
  const tags = elements.map(({ tag }) => tag);
  for (const tag of ["ol", "li", "strong", "code", "del", "table", "th", "td", "ul"]) expect(tags).toContain(tag);
  expect(text).toContain("☑ done & dusted");
});
