/**
 * Markdown from a model, which is hostile until shown otherwise: marked's tokens become nodes of text and nothing else.
 * HTML stays literal text, links keep only http, https and mailto, images are told of and never fetched.
 */

import { Lexer, type Token, type Tokens } from "marked";
import type { ComponentChildren, VNode } from "preact";

/** Beyond this, and beyond this depth of nesting, text is shown as it is. */
export const MOST_CHARACTERS = 150_000;
const MOST_DEPTH = 40;

export function Markdown({ text }: { text: string }): VNode {
  const tokens = tokensOf(text);
  if (tokens === undefined) return <pre class="lt-raw">{text}</pre>;
  return <div class="lt-md">{blocks(tokens, 0)}</div>;
}

function tokensOf(text: string): Token[] | undefined {
  if (text.length > MOST_CHARACTERS) return undefined;
  try {
    return new Lexer({ gfm: true, breaks: false }).lex(text);
  } catch {
    // marked nests by recursion: text made to overflow it is shown raw.
    return undefined;
  }
}

/** The address to link to, or undefined for anything but an absolute http, https or mailto one. */
export function safeUrl(href: string): string | undefined {
  try {
    const url = new URL(href);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

function blocks(tokens: readonly Token[], depth: number): ComponentChildren {
  if (depth > MOST_DEPTH) return tokens.map((token) => token.raw).join("");
  return tokens.map((token) => block(token, depth));
}

function block(token: Token, depth: number): ComponentChildren {
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "hr":
      return <hr />;
    case "heading":
      return <div class={`lt-h lt-h${Math.min(4, (token as Tokens.Heading).depth)}`}>{inlines(token, depth)}</div>;
    case "code":
      return (
        <pre class="lt-code">
          <code>{(token as Tokens.Code).text}</code>
        </pre>
      );
    case "blockquote":
      return <blockquote>{blocks((token as Tokens.Blockquote).tokens, depth + 1)}</blockquote>;
    case "list":
      return list(token as Tokens.List, depth);
    case "table":
      return table(token as Tokens.Table, depth);
    case "html":
      return <p class="lt-literal">{token.raw.trimEnd()}</p>;
    case "paragraph":
      return <p>{inlines(token, depth)}</p>;
    default:
      return inline(token, depth);
  }
}

function list(token: Tokens.List, depth: number): VNode {
  const items = token.items.map((item) => (
    <li>
      {item.task && (item.checked ? "☑ " : "☐ ")}
      {blocks(
        item.tokens.filter((part) => part.type !== "checkbox"),
        depth + 1,
      )}
    </li>
  ));
  return token.ordered ? <ol start={Number(token.start) || 1}>{items}</ol> : <ul>{items}</ul>;
}

function table(token: Tokens.Table, depth: number): VNode {
  const cell = (Tag: "th" | "td") => (part: Tokens.TableCell) => (
    <Tag style={part.align ? { textAlign: part.align } : undefined}>{inlines(part, depth)}</Tag>
  );
  return (
    <div class="lt-scroll-x">
      <table>
        <thead>
          <tr>{token.header.map(cell("th"))}</tr>
        </thead>
        <tbody>
          {token.rows.map((row) => (
            <tr>{row.map(cell("td"))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inlines(token: { tokens?: Token[] | undefined; text?: string }, depth: number): ComponentChildren {
  if (depth > MOST_DEPTH || token.tokens === undefined) return token.text ?? "";
  return token.tokens.map((part) => inline(part, depth + 1));
}

function inline(token: Token, depth: number): ComponentChildren {
  switch (token.type) {
    case "strong":
      return <strong>{inlines(token as Tokens.Strong, depth)}</strong>;
    case "em":
      return <em>{inlines(token as Tokens.Em, depth)}</em>;
    case "del":
      return <del>{inlines(token as Tokens.Del, depth)}</del>;
    case "codespan":
      return <code>{(token as Tokens.Codespan).text}</code>;
    case "br":
      return <br />;
    case "link":
      return link(token as Tokens.Link, depth);
    case "image":
      return (
        <span class="lt-dim">
          [image{token.text ? `: ${token.text}` : ""}] {(token as Tokens.Image).href}
        </span>
      );
    case "escape":
      return (token as Tokens.Escape).text;
    case "text":
      return (token as Tokens.Text).tokens === undefined
        ? entities((token as Tokens.Text).text)
        : inlines(token as Tokens.Text, depth);
    default:
      return token.raw;
  }
}

function link(token: Tokens.Link, depth: number): ComponentChildren {
  const url = safeUrl(token.href);
  const label = inlines(token, depth);
  if (url === undefined) {
    return (
      <span>
        {label} <span class="lt-dim">({token.href})</span>
      </span>
    );
  }
  return (
    <a href={url} title={url} target="_blank" rel="noopener noreferrer">
      {label}
    </a>
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&nbsp;": "\u00a0",
};

/** The lexer leaves entities as they were written; these are the ones that models write. */
const entities = (text: string): string =>
  text.replace(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (found) => ENTITIES[found] ?? found);
