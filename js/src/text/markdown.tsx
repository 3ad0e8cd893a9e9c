/**
 * Markdown from a model as elements. A model's output is hostile: HTML stays literal text, links keep only http, https and
 * mailto, and images are named and never fetched.
 */

import type { MarkedToken, Token, Tokens } from "marked";
import type { ComponentChildren, VNode } from "preact";
import { useMemo } from "preact/hooks";
import { markdownTokens } from "./markdown-tokens";

export function Markdown({ text }: { text: string }): VNode {
  return useMemo(() => markdownElements(text), [text]);
}

export function markdownElements(text: string): VNode {
  const { tokens, rest, isPartial } = markdownTokens(text);
  return (
    <div class="lt-md">
      {elementsOf(tokens)}
      {rest !== "" && <pre class="lt-raw">{rest}</pre>}
      {isPartial && (
        <p>
          <small>Not all of this text is formatted: it is too long, too deeply nested, or takes too long.</small>
        </p>
      )}
    </div>
  );
}

/** The address to link to; undefined unless it is an absolute http, https or mailto address. */
export function safeUrl(href: string): string | undefined {
  try {
    const url = new URL(href);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

const elementsOf = (tokens: readonly Token[] | undefined): ComponentChildren =>
  tokens?.map((token) => elementOf(token as MarkedToken));

function elementOf(token: MarkedToken): ComponentChildren {
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "hr":
      return <hr />;
    case "heading":
      return <div class={`lt-h lt-is-h${Math.min(4, token.depth)}`}>{elementsOf(token.tokens)}</div>;
    case "code":
      return (
        <pre class="lt-code">
          <code>{token.text}</code>
        </pre>
      );
    case "blockquote":
      return <blockquote>{elementsOf(token.tokens)}</blockquote>;
    case "list":
      return <List list={token} />;
    case "table":
      return <Table table={token} />;
    case "html":
      return token.block ? <p class="lt-literal">{token.text}</p> : token.text;
    case "paragraph":
      return <p>{elementsOf(token.tokens)}</p>;
    case "checkbox":
      return token.checked ? "☑ " : "☐ ";
    case "strong":
      return <strong>{elementsOf(token.tokens)}</strong>;
    case "em":
      return <em>{elementsOf(token.tokens)}</em>;
    case "del":
      return <del>{elementsOf(token.tokens)}</del>;
    case "codespan":
      return <code>{token.text}</code>;
    case "br":
      return <br />;
    case "link":
      return <Link href={token.href}>{elementsOf(token.tokens)}</Link>;
    case "image":
      return (
        <small>
          [image{token.text && `: ${token.text}`}] {token.href}
        </small>
      );
    case "escape":
      return token.text;
    default:
      return token.type === "text" && token.tokens ? elementsOf(token.tokens) : withoutEntities(token.text);
  }
}

function List({ list: { items, ordered, start } }: { list: Tokens.List }): VNode {
  const elements = items.map(({ tokens }) => <li>{elementsOf(tokens)}</li>);
  return ordered ? <ol start={Number(start)}>{elements}</ol> : <ul>{elements}</ul>;
}

function Table({ table: { header, rows } }: { table: Tokens.Table }): VNode {
  const style = ({ align }: Tokens.TableCell) => (align ? { textAlign: align } : undefined);
  return (
    <div class="lt-scroll-x">
      <table>
        <thead>
          <tr>
            {header.map((cell) => (
              <th style={style(cell)}>{elementsOf(cell.tokens)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell) => (
                <td style={style(cell)}>{elementsOf(cell.tokens)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Link({ href, children }: { href: string; children: ComponentChildren }): VNode {
  const url = safeUrl(href);
  if (url === undefined) {
    return (
      <span>
        {children} <small>({href})</small>
      </span>
    );
  }
  return (
    <a href={url} title={url} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&nbsp;": "\u00a0",
};

/** The named entities that models write; marked has resolved numeric ones. */
const withoutEntities = (text: string): string =>
  text.replace(/&(?:amp|lt|gt|quot|nbsp);/g, (entity) => ENTITIES[entity] ?? entity);
