/**
 * What of the notebook's `metadata.widgets` is ours, in the format of the widget managers
 * (https://github.com/jupyter-widgets/ipywidgets/blob/main/packages/schema/v2/state.schema.json). Pure.
 */

export interface Entry {
  model_name: string;
  model_module: string;
  model_module_version: string;
  state: Record<string, unknown>;
}

export type Entries = Record<string, Entry>;

export const VIEW = "ipy_llmtrace.widget.TraceView";
const APP = "ipy_llmtrace.widget.App";
const WIDGET = "anywidget:";
/** With hyphens or without. */
const MODEL_ID = /[0-9a-f-]{32,36}/g;

/**
 * The entries to save: those there are, with ours brought up to date, and without ours that no output shows.
 *
 * @param old the entries in the notebook now
 * @param live our views, Apps and layouts that the page has models of, by model id
 * @param shown the model ids that outputs of the notebook refer to
 */
export function savedEntries(old: Entries, live: Entries, shown: ReadonlySet<string>): Entries {
  const all = { ...old, ...live };
  const entries: Entries = {};
  for (const [id, entry] of Object.entries(all)) {
    if (kindOf(entry) === undefined) entries[id] = entry;
  }
  // Another library's container may hold a view of ours.
  const others = mentioned(Object.values(old).filter((entry) => kindOf(entry) === undefined && !isLayout(entry)));
  const views = Object.entries(all).filter(
    ([id, entry]) => kindOf(entry) === VIEW && (shown.has(id) || others.has(id)),
  );
  const bundles = new Map<unknown, string>();
  for (const [id, view] of views) {
    const app = String(view.state.app).replace(WIDGET, "");
    const carrier = all[app];
    if (carrier === undefined) {
      entries[id] = view;
      continue;
    }
    // Every kernel brings an App of its own; those that carry the same bundle are saved once.
    const bundle = carrier.state._esm;
    const kept = bundles.get(bundle) ?? app;
    bundles.set(bundle, kept);
    entries[kept] ??= carrier;
    entries[id] = { ...view, state: { ...view.state, app: WIDGET + kept } };
  }
  return withoutOurUnusedLayouts(entries, all);
}

/** Whether two sets of entries hold the same. */
export function sameEntries(a: Entries, b: Entries): boolean {
  const same = (one: Entry | undefined, other: Entry | undefined) =>
    one === other || JSON.stringify(one) === JSON.stringify(other);
  const ids = Object.keys(a);
  return ids.length === Object.keys(b).length && ids.every((id) => same(a[id], b[id]));
}

function kindOf(entry: Entry | null): string | undefined {
  const kind = entry?.state?._anywidget_id;
  return kind === VIEW || kind === APP ? kind : undefined;
}

const isLayout = (entry: Entry | null): boolean => entry?.model_name === "LayoutModel";

function withoutOurUnusedLayouts(entries: Entries, all: Entries): Entries {
  const ours = mentioned(Object.values(all).filter((entry) => kindOf(entry) !== undefined));
  const used = mentioned(Object.values(entries).filter((entry) => !isLayout(entry)));
  return Object.fromEntries(Object.entries(entries).filter(([id]) => !ours.has(id) || used.has(id)));
}

/** All model ids that stand somewhere in the entries' references. */
function mentioned(entries: readonly Entry[]): Set<string> {
  const found = new Set<string>();
  for (const entry of entries) {
    const text = JSON.stringify(kindOf(entry) === undefined ? entry?.state : entry.state.layout) ?? "";
    for (const [id] of text.matchAll(MODEL_ID)) found.add(id);
  }
  return found;
}
