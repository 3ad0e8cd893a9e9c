/**
 * Markdown from a model, which is hostile until shown otherwise: it becomes nodes of text and harmless elements. HTML stays
 * literal text, links keep only http, https and mailto, images are told of and never fetched.
 */

import type { ComponentChildren, VNode } from "preact";
import { type Align, type Block, blocks } from "./markdown-blocks";
import { type Inline, inlines, plain } from "./markdown-inlines";

/** Beyond this text is shown as it is, and beyond this depth of nesting without its emphasis. */
export const MOST_CHARACTERS = 150_000;
const MOST_DEPTH = 40;

export function Markdown({ text }: { text: string }): VNode {
  if (text.length > MOST_CHARACTERS) return <pre class="lt-raw">{text}</pre>;
  return <div class="lt-md">{blocks(text).map((block) => drawn(block, true))}</div>;
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

/** A block; a paragraph of a tight list has no element of its own. */
function drawn(block: Block, loose: boolean): ComponentChildren {
  switch (block.type) {
    case "hr":
      return <hr />;
    case "heading":
      return <div class={`lt-h lt-is-h${Math.min(4, block.depth)}`}>{line(block.text)}</div>;
    case "code":
      return (
        <pre class="lt-code">
          <code>{block.text}</code>
        </pre>
      );
    case "quote":
      return <blockquote>{block.inside.map((each) => drawn(each, true))}</blockquote>;
    case "list":
      return list(block);
    case "table":
      return table(block);
    case "html":
      return <p class="lt-literal">{block.text}</p>;
    case "paragraph":
      return loose ? <p>{line(block.text)}</p> : line(block.text);
    default:
      return block.text;
  }
}

function list({ items, start, loose }: Extract<Block, { type: "list" }>): VNode {
  const drawnItems = items.map(({ checked, inside }) => (
    <li>
      {checked !== undefined && (checked ? "☑ " : "☐ ")}
      {inside.map((block) => drawn(block, loose))}
    </li>
  ));
  return start === undefined ? <ul>{drawnItems}</ul> : <ol start={start}>{drawnItems}</ol>;
}

function table({ head, rows, align }: Extract<Block, { type: "table" }>): VNode {
  const style = (at: Align) => (at ? { textAlign: at } : undefined);
  return (
    <div class="lt-scroll-x">
      <table>
        <thead>
          <tr>
            {head.map((cell, index) => (
              <th style={style(align[index])}>{line(cell)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell, index) => (
                <td style={style(align[index])}>{line(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const line = (text: string): ComponentChildren => within(inlines(text), 0);

function within(list: readonly Inline[], depth: number): ComponentChildren {
  return depth > MOST_DEPTH ? plain(list) : list.map((item) => inline(item, depth + 1));
}

function inline(item: Inline, depth: number): ComponentChildren {
  switch (item.type) {
    case "strong":
      return <strong>{within(item.inside, depth)}</strong>;
    case "em":
      return <em>{within(item.inside, depth)}</em>;
    case "del":
      return <del>{within(item.inside, depth)}</del>;
    case "code":
      return <code>{item.text}</code>;
    case "br":
      return <br />;
    case "link":
      return <Link href={item.href}>{within(item.inside, depth)}</Link>;
    case "image": {
      const said = plain(item.inside);
      return (
        <small>
          [image{said && `: ${said}`}] {item.href}
        </small>
      );
    }
    default:
      return entities(item.text);
  }
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
  "&#39;": "'",
  "&nbsp;": "\u00a0",
};

/** The entities that models write. */
const entities = (text: string): string =>
  text.replace(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (found) => ENTITIES[found] ?? found);
