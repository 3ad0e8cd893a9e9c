/** What is known of the chosen span, in tabs by what there is. */

import type { VNode } from "preact";
import { useId, useRef } from "preact/hooks";
import { focusOn, focusOnRow, taken } from "../../dom/events";
import { isCall } from "../../store/rollup";
import type { SpanNode } from "../../store/span-node";
import * as format from "../../text/format";
import { pythonCall, pythonSpan } from "../../text/python-call";
import type { View } from "../../view/view";
import type { TabName } from "../../view/view-state";
import { Button } from "../controls/button";
import { CopyButton } from "../controls/copy-button";
import { Guard } from "../controls/error-boundary";
import { MlflowLink } from "../controls/mlflow-link";
import { TypeIcon } from "../controls/span-type";
import { Chat } from "./chat";
import { Documents, documentsOf } from "./documents";
import { FeedbackList, Thumbs } from "./feedback";
import { Json } from "./json-tree";
import { Facts } from "./llm-facts";
import { Missing } from "./load-all";
import { Attributes, ErrorView, Events, InputsOutputs } from "./panes";

interface DetailsProps {
  view: View;
  node: SpanNode;
  /** How long each span on the critical path is on it, when that is to be seen. */
  critical: ReadonlyMap<number, number> | undefined;
}

export function Details({ view, node, critical }: DetailsProps): VNode {
  const pane = useRef<HTMLElement>(null);
  const id = useId();
  const tabs = tabsOf(node);
  const failed = node.row.status === "error";
  const likes = failed ? `${node.row.type} failed` : node.row.type;
  const chosen = view.reading.tabs.get(likes) ?? (failed ? "Error" : tabs[0]);
  const tab = chosen !== undefined && tabs.includes(chosen) ? chosen : tabs[0];
  const choose = (name: TabName) => view.read({ tabs: new Map(view.reading.tabs).set(likes, name) });

  const close = () => {
    focusOnRow(pane.current);
    view.read({ selected: undefined });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  };
  return (
    <section class="lt-details" ref={pane} aria-label={node.row.name} onKeyDown={onKeyDown}>
      <div class="lt-title">
        <TypeIcon type={node.row.type} />
        <b title={node.row.name}>{node.row.name}</b>
        <span class="lt-right">
          <Thumbs view={view} node={node} />
          <MlflowLink view={view} trace={node.row.trace} />
          <CopyButton text={() => pythonCall(node) ?? pythonSpan(node)} label="Copy as Python" />
          <CopyButton text={() => JSON.stringify({ ...node.row, ...node.detail }, null, 2)} label="Copy as JSON" />
        </span>
        <Button title="Close (Esc)" onClick={close} sign="✕" name="Close details" />
      </div>
      <FeedbackList key={node.id} view={view} node={node} />
      {tabs.length > 0 && <Tabs id={id} tabs={tabs} tab={tab} choose={choose} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keys scroll it */}
      <div class="lt-pane" id={`${id}-pane`} role="tabpanel" tabIndex={0} aria-label={tab ?? "Details"}>
        {critical !== undefined && <p class="lt-note">{shareText(node, critical, view.store.isRunning)}</p>}
        {isCall(node.row.type) && <Facts node={node} />}
        {tab === undefined && !node.left_out && !node.coming && <p class="lt-note">{nothingText(node)}</p>}
        <Guard key={`${node.id} ${tab}`} instead={(fault) => <AsItIs node={node} fault={fault} />}>
          {tab === "Chat" && <Chat view={view} node={node} />}
          {tab === "Documents" && <Documents view={view} documents={documentsOf(node) ?? []} />}
          {tab === "Inputs / Outputs" && <InputsOutputs view={view} node={node} />}
          {tab === "Attributes" && <Attributes node={node} />}
          {tab === "Events" && <Events node={node} />}
          {tab === "Error" && <ErrorView node={node} />}
        </Guard>
        <Missing view={view} node={node} />
      </div>
    </section>
  );
}

function tabsOf(node: SpanNode): TabName[] {
  const { row, detail, text } = node;
  const tabs: TabName[] = [];
  if (present(detail?.chat) || (isCall(row.type) && text !== "")) tabs.push("Chat");
  if (documentsOf(node) !== undefined) tabs.push("Documents");
  if (present(detail?.inputs) || present(detail?.outputs)) tabs.push("Inputs / Outputs");
  if (Object.keys(detail?.attributes ?? {}).length > 0) tabs.push("Attributes");
  if ((detail?.events ?? []).length > 0) tabs.push("Events");
  if (detail?.error !== undefined || row.status === "error") tabs.push("Error");
  return tabs;
}

function shareText({ span }: SpanNode, critical: ReadonlyMap<number, number>, running: boolean): string {
  const own_ns = critical.get(span);
  const now = running ? " so far" : "";
  if (own_ns === undefined) return `Not on the critical path${now}.`;
  if (running) return "On the critical path so far.";
  const all_ns = [...critical.values()].reduce((sum, each_ns) => sum + each_ns, 0);
  return `${format.duration(own_ns)} of the critical path: ${Math.round((100 * own_ns) / all_ns)} %`;
}

const AsItIs = ({ node, fault }: { node: SpanNode; fault: unknown }): VNode => (
  <div class="lt-section">
    <p class="lt-error-message">What was recorded has an unknown form ({String(fault)}). As it is:</p>
    <Json value={node.detail} />
  </div>
);

const present = (value: unknown): boolean => value !== undefined && value !== null;

const nothingText = ({ row }: SpanNode): string =>
  row.status === "running" ? "Nothing has been recorded for this span yet." : "Nothing was recorded for this span.";

function Tabs(props: {
  id: string;
  tabs: readonly TabName[];
  tab: TabName | undefined;
  choose: (tab: TabName) => void;
}): VNode {
  const { id, tabs, tab, choose } = props;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined || tab === undefined) return;
    taken(event);
    const next = (tabs.indexOf(tab) + step + tabs.length) % tabs.length;
    choose(tabs[next] as TabName);
    focusOn((event.currentTarget as Element).querySelectorAll('[role="tab"]')[next]);
  };
  return (
    <div class="lt-tabs" role="tablist" aria-label="Details" onKeyDown={onKeyDown}>
      {tabs.map((name) => (
        <button
          type="button"
          key={name}
          role="tab"
          class="lt-tab"
          aria-selected={name === tab}
          aria-controls={`${id}-pane`}
          tabIndex={name === tab ? 0 : -1}
          onClick={() => choose(name)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
