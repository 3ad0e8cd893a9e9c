/**
 * Markdown tokens from marked's lexer, within bounds of length, depth and work. A model's output is hostile: marked takes half
 * a minute for 40,000 characters of `*a_`, and nested quotes overflow its stack. The bounds are counts, not times, so that the
 * same text always looks the same.
 */

import { Lexer, type MarkedToken, type Token, Tokenizer, type Tokens } from "marked";

/** The longest text that is parsed, in characters. */
const MOST_CHARACTERS = 60_000;
/** The deepest nesting of lists and quotes, and of emphasis and links, that is parsed. */
const MOST_DEPTH = 20;
/**
 * The most work for one text, in characters that marked may look at; measured, this takes about 70 ms. An answer of 40,000
 * characters needs a tenth to a half of it.
 */
const MOST_WORK = 800_000;
/** The work for one block, apart from its inline text. */
const BLOCK_WORK = 200;
/** The longest list or quote in one piece; what follows is the next list or quote. */
const MOST_LIST_CHARACTERS = 4000;
const URL_START = /^(?:https?:\/\/|ftp:\/\/|www\.)/i;
const MOST_URL_CHARACTERS = 2000;
const MAILBOX = /^.[\w.!#$%&'*+/=?`{|}~-]*/;
/** https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1: the part before the @, and all of an address. */
const MOST_MAILBOX_CHARACTERS = 65;
const MOST_EMAIL_CHARACTERS = 320;
/** What an item of a list, or a quoted line, begins with. */
const ITEM = /^ {0,3}(?:>|[-*+](?![^\s])|\d{1,9}[.)](?![^\s]))/;
/** Characters for which marked may search the rest of a block; emphasis apart. */
const SEARCHES = new Set("~[!<`");
/** What may open emphasis. */
const EMPHASIS = /^(?:\*+|_+)[^\s*_]/;
const WORD_CHARACTER = /[\p{L}\p{N}]/u;

export interface MarkdownTokens {
  readonly tokens: readonly MarkedToken[];
  /** The end of the text, which was not parsed; usually empty. */
  readonly rest: string;
  /** Whether some of the text was not parsed. */
  readonly isPartial: boolean;
}

/** Parses Markdown as GitHub does, but without link definitions. What exceeds a bound becomes plain text. */
export function markdownTokens(text: string): MarkdownTokens {
  const source = text.replace(/\r\n?/g, "\n");
  const parsed = source.slice(0, lengthToParse(source));
  const lexer = new BoundedLexer();
  const rest = source.slice(parsed.length - lexer.parse(parsed));
  return { tokens: lexer.tokens as MarkedToken[], rest, isPartial: lexer.isPartial || rest !== "" };
}

/** Cuts a long text between two paragraphs. */
function lengthToParse(source: string): number {
  if (source.length <= MOST_CHARACTERS) return source.length;
  const end = source.lastIndexOf("\n\n", MOST_CHARACTERS);
  return end > 0 ? end : MOST_CHARACTERS;
}

/** Thrown when there was too much work, and caught in this file. */
class TooMuchWork extends Error {}

class BoundedLexer extends Lexer {
  /** Whether text exceeded a bound. */
  isPartial = false;
  #work = 0;
  #blockDepth = 0;
  #inlineDepth = 0;
  /** The lengths of what is not parsed yet: of the outermost blocks, and of the outermost inline text. */
  #blocksLeft = 0;
  #inlineLeft = 0;

  constructor() {
    super({ gfm: true, tokenizer: new BoundedTokenizer() });
  }

  /** Fills `tokens`; returns the length of the end of `source` that was not parsed. */
  parse(source: string): number {
    this.#blocksLeft = source.length;
    this.#untilTooMuchWork(() => {
      this.blockTokens(source, this.tokens);
      this.#blocksLeft = 0;
    });
    for (const { src, tokens } of this.inlineQueue) {
      this.state.inRawBlock = false;
      this.#inlineLeft = src.length;
      this.#untilTooMuchWork(() => {
        this.inlineTokens(src, tokens);
        this.#inlineLeft = 0;
      });
      if (this.#inlineLeft > 0) tokens.push(textToken(src.slice(-this.#inlineLeft)));
    }
    return this.#blocksLeft;
  }

  #untilTooMuchWork(parse: () => void): void {
    this.#blockDepth = 0;
    this.#inlineDepth = 0;
    try {
      this.addWork(0);
      parse();
    } catch (error) {
      if (!(error instanceof TooMuchWork)) throw error;
      this.isPartial = true;
    }
  }

  addWork(work: number): void {
    this.#work += work;
    if (this.#work > MOST_WORK) throw new TooMuchWork();
  }

  /** Called before each block; `source` begins with it. */
  beforeBlock(source: string): void {
    if (this.#blockDepth === 1) this.#blocksLeft = source.length;
    // Text that goes on in the next line is copied.
    const { lastToken } = this.state;
    this.addWork(
      BLOCK_WORK + (lastToken?.type === "text" || lastToken?.type === "paragraph" ? lastToken.raw.length : 0),
    );
  }

  /** Called before each inline token; `source` begins with it. */
  beforeInline(source: string): void {
    if (this.#inlineDepth === 1) this.#inlineLeft = source.length;
    this.addWork(SEARCHES.has(source.charAt(0)) ? source.length : 1);
  }

  // biome-ignore lint/suspicious/noExplicitAny: the type of the list of tokens is the same as what comes in
  override blockTokens(source: string, tokens: any = [], lastParagraphClipped?: boolean): any {
    if (this.#blockDepth === MOST_DEPTH) {
      this.isPartial = true;
      tokens.push({ type: "text", raw: source, text: source, tokens: [textToken(source)] } satisfies Tokens.Text);
      return tokens;
    }
    this.#blockDepth++;
    super.blockTokens(source, tokens, lastParagraphClipped);
    this.#blockDepth--;
    return tokens;
  }

  override inlineTokens(source: string, tokens: Token[] = []): Token[] {
    if (this.#inlineDepth === MOST_DEPTH) {
      this.isPartial = true;
      tokens.push(textToken(source));
      return tokens;
    }
    this.#inlineDepth++;
    super.inlineTokens(source, tokens);
    this.#inlineDepth--;
    return tokens;
  }
}

/** The lexer tries `space` before any other block, and `escape` before any other inline token. */
class BoundedTokenizer extends Tokenizer {
  declare lexer: BoundedLexer;

  override space(source: string): Tokens.Space | undefined {
    this.lexer.beforeBlock(source);
    return super.space(source);
  }

  override escape(source: string): Tokens.Escape | undefined {
    this.lexer.beforeInline(source);
    return super.escape(source);
  }

  override list(source: string): Tokens.List | undefined {
    return ITEM.test(source) ? super.list(linesWithin(source, MOST_LIST_CHARACTERS)) : undefined;
  }

  override blockquote(source: string): Tokens.Blockquote | undefined {
    return ITEM.test(source) ? super.blockquote(linesWithin(source, MOST_LIST_CHARACTERS)) : undefined;
  }

  /** marked's pattern looks for the @ of an e-mail address after every piece of text. */
  override inlineText(source: string): Tokens.Text | undefined {
    this.lexer.addWork(MAILBOX.exec(source)?.[0].length ?? 0);
    return super.inlineText(source);
  }

  override url(source: string): Tokens.Link | undefined {
    const isUrl = URL_START.test(source);
    if (!isUrl && !source.slice(0, MOST_MAILBOX_CHARACTERS).includes("@")) return undefined;
    return super.url(source.slice(0, isUrl ? MOST_URL_CHARACTERS : MOST_EMAIL_CHARACTERS));
  }

  /** Looks at two lines first: marked's pattern takes the whole rest before the columns of the two are compared. */
  override table(source: string): Tokens.Table | undefined {
    const { inlineQueue } = this.lexer;
    const { length } = inlineQueue;
    const end = source.indexOf("\n", source.indexOf("\n") + 1);
    const isTable = super.table(end < 0 ? source : source.slice(0, end + 1)) !== undefined;
    inlineQueue.length = length;
    return isTable ? super.table(source) : undefined;
  }

  override emStrong(source: string, masked: string, before = ""): Tokens.Em | Tokens.Strong | undefined {
    if (!EMPHASIS.test(source) || (source.startsWith("_") && WORD_CHARACTER.test(before))) return undefined;
    this.lexer.addWork(source.length);
    return super.emStrong(source, masked, before);
  }

  /** A link's address must stand beside its text, where a reader sees it. */
  override def(): undefined {
    return undefined;
  }
}

/** The first lines of a text, to a length; before an item of a list or a quoted line, if there is one. */
function linesWithin(text: string, most_characters: number): string {
  if (text.length <= most_characters) return text;
  let end = text.lastIndexOf("\n", most_characters);
  for (let at = end; at > 0; at = text.lastIndexOf("\n", at - 1)) {
    if (ITEM.test(text.slice(at + 1, at + 12))) {
      end = at;
      break;
    }
  }
  return end > 0 ? text.slice(0, end + 1) : text.slice(0, most_characters);
}

const textToken = (text: string): Tokens.Text => ({ type: "text", raw: text, text, escaped: false });
