/** What a retriever found, one line a document, which opens. */

import type { VNode } from "preact";
import type { SpanNode } from "../../store/span-node";
import { shortened } from "../../text/chat-history";
import type { View } from "../../view/view";
import { isText } from "../../wire/shapes";
import { Fold } from "../controls/fold";
import { usePieces } from "../controls/long-list";
import { Json } from "./json-tree";
import { LongText } from "./long-text";
import { asWritten } from "./raw-toggle";

interface Document {
  readonly text: string;
  readonly source: string | undefined;
  readonly score: number | undefined;
  readonly rest: Readonly<Record<string, unknown>>;
}

/** In the form that MLflow asks retrievers for, and in which LangChain gives them. */
export function documentsOf({ row, detail }: SpanNode): Document[] | undefined {
  const outputs = detail?.outputs;
  if (row.type !== "RETRIEVER" || !Array.isArray(outputs) || outputs.length === 0) return undefined;
  const documents = outputs.map(documentOf);
  return documents.includes(undefined) ? undefined : (documents as Document[]);
}

function documentOf(value: unknown): Document | undefined {
  const { page_content: text, metadata, ...more } = (value ?? {}) as Record<string, unknown>;
  if (!isText(text)) return undefined;
  const rest: Record<string, unknown> = { ...more, ...((metadata ?? {}) as object) };
  const source = rest.doc_uri ?? rest.source ?? rest.id;
  const score = rest.score ?? rest.relevance_score;
  return {
    text,
    source: source === undefined || source === null ? undefined : String(source),
    score: typeof score === "number" ? score : undefined,
    rest,
  };
}

export function Documents({ view, documents }: { view: View; documents: readonly Document[] }): VNode {
  const [shown, more] = usePieces(documents);
  const [written, switchButton] = asWritten(view, "Documents", "Markdown", "written");
  return (
    <>
      <ol class="lt-documents">
        {shown.map(({ text, source, score, rest }, index) => (
          <li key={index}>
            <Fold
              open={index === 0}
              label={
                <>
                  <b>{source ?? shortened(text.trim().split("\n", 1)[0] ?? "", 80)}</b>
                  {score !== undefined && <small>score {Number(score.toPrecision(4))}</small>}
                </>
              }
            >
              <div class="lt-document">
                <LongText text={text} raw={written} />
                <Json value={rest} name="metadata" />
              </div>
            </Fold>
          </li>
        ))}
      </ol>
      {more}
      <div class="lt-section">{switchButton}</div>
    </>
  );
}
