/** The whole view of a trace: header, grid, details of the chosen span, footer. */

import type { ComponentChildren, VNode } from "preact";
import { arrive } from "../dom/focus-movement";
import { SpanNode } from "../store/span-node";
import { useView } from "../view/hooks";
import { useOutline } from "../view/use-rows";
import type { View } from "../view/view";
import { CopyButton } from "./controls/copy-button";
import { Guard } from "./controls/error-boundary";
import { Splitter } from "./controls/splitter";
import { Details } from "./details/details";
import { Announcer } from "./header/announcer";
import { Breadcrumb } from "./header/breadcrumb";
import { Header } from "./header/header";
import { KeyList } from "./header/key-list";
import { Toolbar } from "./header/search-toolbar";
import { Grid } from "./tree/grid";
import { Minimap } from "./tree/minimap";

export const drawTrace = (view: View): VNode => (
  <Guard instead={(fault) => <Failed view={view} fault={fault} />}>
    <Trace view={view} />
  </Guard>
);

function Trace({ view }: { view: View }): VNode {
  useView(view);
  const { store, reading, problem } = view;
  const outline = useOutline(view);
  const chosen = SpanNode.find(store.tree, reading.selected);
  return (
    <Root>
      {problem !== undefined && <Problem text={problem} />}
      {store.seq < 0 ? (
        problem === undefined && !view.isUnpacking && <p class="lt-note">Waiting for the trace of this cell.</p>
      ) : (
        <>
          <Gate />
          <div class="lt-part" role="toolbar" aria-label="Trace">
            <Guard instead={(fault) => <Problem text={String(fault)} />}>
              <Header view={view} />
            </Guard>
            <Toolbar view={view} outline={outline} />
            <Breadcrumb view={view} />
          </div>
          {reading.keyList && <KeyList view={view} />}
          <div
            class={chosen === undefined ? "lt-body" : "lt-body lt-split"}
            style={{ "--lt-left": `${reading.split}%`, "--lt-most-rows": reading.most_rows }}
          >
            {store.tree.size > 0 ? (
              <div class="lt-left">
                <Minimap view={view} />
                <Grid view={view} outline={outline} />
              </div>
            ) : (
              <p class="lt-note">{emptyText(store.isRunning)}</p>
            )}
            {chosen !== undefined && (
              <div class="lt-part" role="group" aria-label="Details">
                <Splitter view={view} />
                <Details key={chosen.id} view={view} node={chosen} critical={outline.critical} />
              </div>
            )}
          </div>
          {store.notes.length > 0 && <footer class="lt-footer">{store.notes.join(" · ")}</footer>}
          <Announcer view={view} />
          <Gate />
        </>
      )}
    </Root>
  );
}

/** Where Tab comes in, and from where it goes out. */
const Gate = (): VNode => (
  // biome-ignore lint/a11y: no control, it never keeps the focus
  <div class="lt-gate" tabIndex={0} onFocus={arrive} />
);

const emptyText = (running: boolean): string =>
  running ? "No LLM call yet. Calls appear here as they begin." : "This cell made no LLM call through LiteLLM.";

/**
 * Jupyter's own keys stay quiet while the focus is in here. Most of them are bound to whatever has the focus, and look for
 * the attribute from there upwards only until that fits, so what has the focus needs it, too.
 */
const Root = ({ children }: { children: ComponentChildren }): VNode => (
  <section class="llmtrace" data-lm-suppress-shortcuts="true" onFocusIn={focused}>
    {children}
  </section>
);

const focused = ({ target }: FocusEvent): void =>
  (target as Element).setAttribute("data-lm-suppress-shortcuts", "true");

const Problem = ({ text }: { text: string }): VNode => (
  <p class="lt-problem" role="alert">
    ⚠ {text}
  </p>
);

function Failed({ view, fault }: { view: View; fault: unknown }): VNode {
  const report = () => `${fault instanceof Error ? fault.stack : fault}\n\n${navigator.userAgent}\n${countsOf(view)}`;
  return (
    <Root>
      <Problem text={`The trace view failed: ${fault}. The cell's own output is not affected.`} />
      <p class="lt-note">
        %llmtrace on --view text prints the trace after the cell instead.{" "}
        <CopyButton text={report} label="Copy report" />
      </p>
    </Root>
  );
}

const countsOf = ({ store }: View): string => `${store.tree.size} spans, delta ${store.seq}`;
