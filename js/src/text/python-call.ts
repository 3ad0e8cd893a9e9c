/** A span's call as Python that makes it again; keys come from the environment, as LiteLLM reads them. */

import { isLlm } from "../store/rollup";
import type { SpanNode } from "../store/span-node";
import { isRecord, isText } from "../wire/shapes";

const WIDTH = 100;
/** The functions that make calls, as LiteLLM's `call_type` has them: with an "a" before where they were awaited. */
const CALLED = /^a?((text_)?completion|embedding|responses|image_\w+|moderation|speech|transcription|rerank)$/;

/** Where each kind of request goes, under the address that LiteLLM is to be given. */
const ROUTE = /\/((chat\/)?completions|embeddings|responses|v1\/messages|api\/\w+)?\/?$/;
/** An address that LiteLLM made of the model's name, or that is not whole: it takes no such one back. */
const MADE = /[?*]|:[a-z]|\/(models?|deployments)\//;

/** What is to be known of a call whose code has this in it. */
const NOTES: readonly (readonly [RegExp, string])[] = [
  [/^/, "Not recorded: keys (LiteLLM takes them from the environment), headers, timeouts."],
  [/^ {4}max_retries=/m, "max_retries is what LiteLLM makes of num_retries, too."],
  [/… \[first [\d,]+ of /, "Long values are shortened here; load them all to copy the whole."],
  [/^ {4}api_base=/m, "The key goes to api_base."],
  [/\[(redacted: |nested more than |integer of )/, "Put back what stands in [brackets]."],
  [/"mlflow-attachment:/, "Put back what stands at mlflow-attachment:// in the store."],
];

/** Undefined for a span that is no call, or of which the inputs are not known. */
export function pythonCall({ row, detail }: SpanNode): string | undefined {
  const inputs = detail?.inputs;
  if (!isRecord(inputs)) return undefined;
  const { call_type, api_base: address } = detail?.attributes ?? {};
  const called = CALLED.exec(`${call_type}`)?.[1] ?? functionOf(row.type, inputs);
  if (called === undefined) return undefined;
  const { model: asked, ...rest }: Record<string, unknown> = inputs;
  const { messages } = rest;
  // LangChain has lists of conversations.
  if (Array.isArray(messages) && messages.length === 1 && Array.isArray(messages[0])) rest.messages = messages[0];
  // `moderation` sends the model's name on as it is.
  const prefix = row.provider && called !== "moderation" ? `${row.provider}/` : "";
  const model = row.model ? (row.model.startsWith(prefix) ? row.model : prefix + row.model) : asked;
  const sent = isText(address) ? address.replace(ROUTE, "") : "";
  const made = MADE.test(sent);
  const given = Object.entries({ ...(!!model && { model }), ...(sent && !made && { api_base: sent }), ...rest });
  const code = given
    .map(([name, value]) =>
      NAME.test(name) ? `    ${name}=${literal(value, 1)},\n` : `    **{${quoted(name)}: ${literal(value, 1)}},\n`,
    )
    .join("");
  const notes = NOTES.filter(([sign]) => sign.test(code)).map(([, note]) => note);
  if (made) notes.push(`Sent to ${quoted(sent)}`);
  return `${notes.map((note) => `# ${note}\n`).join("")}import litellm\n\nresponse = litellm.${called}(\n${code})\n`;
}

/** A span that is no call, as Python that gets it from where MLflow keeps it. */
export const pythonSpan = ({ row }: SpanNode): string =>
  `import mlflow\n\ntrace = mlflow.get_trace(${quoted(row.trace)})\nspan = trace.search_spans(span_id=${quoted(row.id)})[0]\n`;

/** By what its inputs hold. */
function functionOf(type: string, inputs: object): string | undefined {
  if (type === "EMBEDDING") return "embedding";
  if (!isLlm(type)) return undefined;
  if ("messages" in inputs) return "completion";
  if ("prompt" in inputs) return "text_completion";
  return "input" in inputs ? "responses" : undefined;
}

/** The name of a parameter, which is no keyword. */
const NAME =
  /^(?!(and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)$)[a-z_]\w*$/;

/** A JSON value as a Python literal, on one line where it fits, `level` times indented. */
export function literal(value: unknown, level = 0): string {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (isText(value)) return quoted(value);
  if (typeof value === "number" && !Number.isFinite(value)) return `float("${value}")`;
  if (typeof value !== "object") return String(value);
  const list = Array.isArray(value);
  const parts = list
    ? value.map((part) => literal(part, level + 1))
    : Object.entries(value).map(([name, part]) => `${quoted(name)}: ${literal(part, level + 1)}`);
  const [open, close] = list ? "[]" : "{}";
  const line = `${open}${parts.join(", ")}${close}`;
  if (line.length + level * 4 <= WIDTH && !line.includes("\n")) return line;
  const indent = "    ".repeat(level);
  return `${open}\n${parts.map((part) => `${indent}    ${part},\n`).join("")}${indent}${close}`;
}

/** Signs that end lines, turn text round, or are not seen: pasted code is to do what it looks as if it did. */
const UNSEEN = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** JSON writes strings as Python reads them, but for what JavaScript has as one half of a character. */
const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll(UNSEEN, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
