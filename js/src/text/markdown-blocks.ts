/** The blocks of Markdown, as CommonMark and GitHub have them, without link definitions; HTML is a block of text. */

export type Block =
  | { readonly type: "hr" }
  | { readonly type: "code" | "html" | "paragraph" | "raw"; readonly text: string }
  | { readonly type: "heading"; readonly depth: number; readonly text: string }
  | { readonly type: "quote"; readonly inside: readonly Block[] }
  | {
      readonly type: "list";
      readonly start: number | undefined;
      readonly loose: boolean;
      readonly items: readonly Item[];
    }
  | {
      readonly type: "table";
      readonly head: readonly string[];
      readonly rows: readonly string[][];
      readonly align: readonly Align[];
    };

export interface Item {
  readonly checked: boolean | undefined;
  readonly inside: readonly Block[];
}

export type Align = "left" | "right" | "center" | undefined;

/** Beyond this depth text stands as it is. */
const MOST_DEPTH = 40;

const FENCE = /^( {0,3})(`{3,}|~{3,})([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const BULLET = /^( {0,3})([-*+]|(\d{1,9})[.)])( +|\t|$)(.*)$/;
const HTML = /^ {0,3}<(?:[a-z][\w-]*(?=[\s/>]|$)|\/[a-z]|!--|!\[|\?|![a-z])/i;
const AUTOLINK = /^ {0,3}<[\w.+-]+[:@]/;
const UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/;
const DELIMITERS = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const BLANK = /^[ \t]*$/;

export const blocks = (text: string): Block[] => parse(text.replace(/\r\n?/g, "\n").split("\n"), 0);

function parse(lines: readonly string[], depth: number): Block[] {
  if (depth > MOST_DEPTH) return [{ type: "raw", text: lines.join("\n") }];
  const found: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] as string;
    if (BLANK.test(line)) {
      at++;
      continue;
    }
    const [block, next] = blockAt(lines, at, depth);
    found.push(block);
    at = next;
  }
  return found;
}

type Taken = [block: Block, next: number];

function blockAt(lines: readonly string[], at: number, depth: number): Taken {
  const line = lines[at] as string;
  const fence = FENCE.exec(line);
  if (fence !== null) return fenced(lines, at, fence);
  if (/^(?: {4}|\t)/.test(line)) return indented(lines, at);
  const heading = HEADING.exec(line);
  if (heading !== null) {
    const text = (heading[2] ?? "").replace(/(?:^|[ \t]+)#+[ \t]*$/, "").trim();
    return [{ type: "heading", depth: (heading[1] as string).length, text }, at + 1];
  }
  if (RULE.test(line)) return [{ type: "hr" }, at + 1];
  if (QUOTE.test(line)) return quote(lines, at, depth);
  if (BULLET.test(line)) return list(lines, at, depth);
  if (isTable(lines, at)) return table(lines, at);
  if (isHtml(line)) {
    const end = lines.findIndex((each, index) => index > at && BLANK.test(each));
    const to = end < 0 ? lines.length : end;
    return [{ type: "html", text: lines.slice(at, to).join("\n") }, to];
  }
  return paragraph(lines, at);
}

const isHtml = (line: string): boolean => HTML.test(line) && !AUTOLINK.test(line);

function fenced(lines: readonly string[], at: number, [, indent = "", fence = ""]: RegExpExecArray): Taken {
  const closes = (line: string) => {
    const end = line.trim();
    return end.length >= fence.length && end === (fence[0] as string).repeat(end.length);
  };
  let to = at + 1;
  while (to < lines.length && !closes(lines[to] as string)) to++;
  const inside = lines.slice(at + 1, to).map((line) => line.slice(Math.min(indent.length, indentOf(line))));
  return [{ type: "code", text: inside.join("\n") }, to + 1];
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

function indented(lines: readonly string[], at: number): Taken {
  let to = at;
  let end = at;
  for (; to < lines.length; to++) {
    const line = lines[to] as string;
    if (/^(?: {4}|\t)/.test(line)) end = to + 1;
    else if (!BLANK.test(line)) break;
  }
  const inside = lines.slice(at, end).map((line) => line.replace(/^(?: {4}|\t| {1,3}$)/, ""));
  return [{ type: "code", text: inside.join("\n") }, end];
}

/** Whether a line ends the paragraph before it. */
const interrupts = (line: string): boolean =>
  BLANK.test(line) ||
  FENCE.test(line) ||
  HEADING.test(line) ||
  RULE.test(line) ||
  QUOTE.test(line) ||
  /^ {0,3}(?:[-*+]|1[.)])[ \t]+\S/.test(line) ||
  isHtml(line);

function quote(lines: readonly string[], at: number, depth: number): Taken {
  const inside: string[] = [];
  let to = at;
  for (; to < lines.length; to++) {
    const line = lines[to] as string;
    if (QUOTE.test(line)) inside.push(line.replace(QUOTE, ""));
    else if (interrupts(line) || BLANK.test(inside.at(-1) ?? "")) break;
    else inside.push(line); // a lazy continuation
  }
  return [{ type: "quote", inside: parse(inside, depth + 1) }, to];
}

function list(lines: readonly string[], at: number, depth: number): Taken {
  const first = BULLET.exec(lines[at] as string) as RegExpExecArray;
  const sign = (first[2] as string).at(-1);
  const items: Item[] = [];
  let loose = false;
  let to = at;
  while (to < lines.length) {
    const match = BULLET.exec(lines[to] as string);
    if (match === null || (match[2] as string).at(-1) !== sign || RULE.test(lines[to] as string)) break;
    const [own, next] = itemAt(lines, to, match);
    const end = own.findLastIndex((line) => !BLANK.test(line)) + 1;
    const task = /^\[([ xX])\][ \t]+/.exec(own[0] ?? "");
    if (task !== null) own[0] = (own[0] as string).slice(task[0].length);
    const more = BULLET.exec(lines[next] ?? "")?.[2]?.at(-1) === sign;
    loose ||= (end < own.length && more) || own.slice(0, end).some((line, index) => index > 0 && BLANK.test(line));
    items.push({ checked: task === null ? undefined : task[1] !== " ", inside: parse(own.slice(0, end), depth + 1) });
    to = next;
  }
  return [{ type: "list", start: first[3] === undefined ? undefined : Number(first[3]), loose, items }, to];
}

/** The lines of a list's item without their indent, with blank ones after it. */
function itemAt(lines: readonly string[], at: number, match: RegExpExecArray): [own: string[], next: number] {
  const [, indent = "", marker = "", , space = "", rest = ""] = match;
  const code = space.length > 4;
  const width = indent.length + marker.length + (code || space === "" || space === "\t" ? 1 : space.length);
  const own = [code ? space.slice(1) + rest : rest];
  let to = at + 1;
  for (; to < lines.length; to++) {
    const line = lines[to] as string;
    if (BLANK.test(line)) own.push("");
    else if (indentOf(line) >= width || /^\t/.test(line))
      own.push(line.replace(new RegExp(`^(?: {0,${width}}(?:\\t)?)`), ""));
    else if (BLANK.test(own.at(-1) ?? "") || interrupts(line) || BULLET.test(line)) break;
    else own.push(line); // a lazy continuation
  }
  return [own, to];
}

const cellsOf = (line: string): string[] => {
  const cells = line
    .trim()
    .replace(/^\|/, "")
    .split(/(?<!\\)\|/);
  if (cells.length > 1 && (cells.at(-1) as string).trim() === "") cells.pop();
  return cells.map((cell) => cell.trim().replaceAll("\\|", "|"));
};

function isTable(lines: readonly string[], at: number): boolean {
  const next = lines[at + 1];
  if (next === undefined || !(lines[at] as string).includes("|") || !DELIMITERS.test(next)) return false;
  return cellsOf(lines[at] as string).length === cellsOf(next).length;
}

function table(lines: readonly string[], at: number): Taken {
  const head = cellsOf(lines[at] as string);
  const align = cellsOf(lines[at + 1] as string).map((cell): Align => {
    if (cell.endsWith(":")) return cell.startsWith(":") ? "center" : "right";
    return cell.startsWith(":") ? "left" : undefined;
  });
  let to = at + 2;
  while (to < lines.length && !interrupts(lines[to] as string)) to++;
  const rows = lines.slice(at + 2, to).map((line) => {
    const cells = cellsOf(line);
    return head.map((_, index) => cells[index] ?? "");
  });
  return [{ type: "table", head, rows, align }, to];
}

function paragraph(lines: readonly string[], at: number): Taken {
  let to = at + 1;
  for (; to < lines.length; to++) {
    const line = lines[to] as string;
    const under = UNDERLINE.exec(line);
    if (under !== null) {
      const text = textOf(lines, at, to);
      return [{ type: "heading", depth: (under[1] as string).startsWith("=") ? 1 : 2, text }, to + 1];
    }
    if (interrupts(line) || isTable(lines, to)) break;
  }
  return [{ type: "paragraph", text: textOf(lines, at, to) }, to];
}

const textOf = (lines: readonly string[], from: number, to: number): string =>
  lines
    .slice(from, to)
    .map((line) => line.trimStart())
    .join("\n")
    .trimEnd();
