/** MLflow's span types as the eye tells them apart: a colour, a sign (in css/icons.css) and a word. */

import type { VNode } from "preact";

type Kind = "agent" | "chain" | "llm" | "tool" | "retriever" | "embedding" | "parser" | "unknown";

const KINDS: Readonly<Record<string, Kind>> = {
  AGENT: "agent",
  CHAIN: "chain",
  WORKFLOW: "chain",
  TASK: "chain",
  LLM: "llm",
  CHAT_MODEL: "llm",
  TOOL: "tool",
  RETRIEVER: "retriever",
  RERANKER: "retriever",
  MEMORY: "retriever",
  EMBEDDING: "embedding",
  PARSER: "parser",
  GUARDRAIL: "parser",
  EVALUATOR: "parser",
};

export const kindOf = (type: string): Kind => KINDS[type.toUpperCase()] ?? "unknown";

export const wordOf = (type: string): string => {
  const word = type.replaceAll("_", " ").toLowerCase();
  return word === "llm" ? "LLM" : word === "unknown" ? "span" : word;
};

export function TypeIcon({ type }: { type: string }): VNode {
  const kind = kindOf(type);
  return <span class={`lt-icon lt-is-${kind}`} role="img" aria-label={wordOf(type)} title={wordOf(type)} />;
}
