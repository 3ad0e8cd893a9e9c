/** MLflow's span types as the eye tells them apart: a colour, a sign and a word. */

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

/** Outlines on a 16 by 16 grid. */
const SIGNS: Readonly<Record<Kind, string>> = {
  agent:
    "M8 2.5v2M4.5 4.5h7a1.5 1.5 0 0 1 1.5 1.5v5a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 3 11V6a1.5 1.5 0 0 1 1.5-1.5zM6 7.6v1.4M10 7.6v1.4",
  chain:
    "M6.8 9.2a2.4 2.4 0 0 0 3.4 0l2-2a2.4 2.4 0 0 0-3.4-3.4l-.8.8M9.2 6.8a2.4 2.4 0 0 0-3.4 0l-2 2a2.4 2.4 0 0 0 3.4 3.4l.8-.8",
  llm: "M8 2.2 9.5 6.5 13.8 8 9.5 9.5 8 13.8 6.5 9.5 2.2 8 6.5 6.5z",
  tool: "M12.8 5.2a3.2 3.2 0 0 1-4.3 3.6l-4 4-1.4-1.4 4-4a3.2 3.2 0 0 1 3.7-4.2L9 5l.4 1.6L11 7z",
  retriever: "M7 3a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM10 10l3.2 3.2",
  embedding: "M3.5 3.5v9h9M6.5 9.5h.1M9 6.5h.1M11.5 8.5h.1",
  parser: "M6.5 3C4.5 3 5.5 7 3.5 8 5.5 9 4.5 13 6.5 13M9.5 3c2 0 1 4 3 5-2 1-1 5-3 5",
  unknown: "M8 7.9h.1",
};

export const kindOf = (type: string): Kind => KINDS[type.toUpperCase()] ?? "unknown";

export const wordOf = (type: string): string => {
  const word = type.replaceAll("_", " ").toLowerCase();
  return word === "llm" ? "LLM" : word === "unknown" ? "span" : word;
};

export function TypeIcon({ type }: { type: string }): VNode {
  const kind = kindOf(type);
  return (
    <span class={`lt-icon lt-is-${kind}`} role="img" aria-label={wordOf(type)} title={wordOf(type)}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={SIGNS[kind]} />
      </svg>
    </span>
  );
}
