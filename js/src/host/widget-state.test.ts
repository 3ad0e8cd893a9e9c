import { expect, test } from "vitest";
import { type Entries, type Entry, sameEntries, savedEntries } from "./widget-state";

const id = (letter: string): string => letter.repeat(32);
const [A, B, LAYOUT, APP, OTHER] = ["a", "b", "c", "d", "e"].map(id) as [string, string, string, string, string];

const entry = (model_name: string, state: Record<string, unknown>): Entry => ({
  model_name,
  model_module: "m",
  model_module_version: "1",
  state,
});

const view = (app = APP, snapshot = "PROMPT"): Entry =>
  entry("AnyModel", {
    _anywidget_id: "ipy_llmtrace.widget.TraceView",
    app: `anywidget:${app}`,
    layout: `IPY_MODEL_${LAYOUT}`,
    snapshot,
  });
const app = (esm = "bundle"): Entry =>
  entry("AnyModel", { _anywidget_id: "ipy_llmtrace.widget.App", _esm: esm, layout: `IPY_MODEL_${LAYOUT}` });
const layout = entry("LayoutModel", {});
const ours: Entries = { [A]: view(), [B]: view(), [APP]: app(), [LAYOUT]: layout };

test("views that outputs show are kept with their App and layout", () => {
  expect(savedEntries({}, ours, new Set([A, B]))).toEqual(ours);
});

test("a view that no output shows is gone, with what only it needed", () => {
  expect(Object.keys(savedEntries(ours, {}, new Set([A]))).sort()).toEqual([A, LAYOUT, APP]);
  expect(savedEntries(ours, ours, new Set())).toEqual({});
});

test("what the page has takes the place of what the notebook had", () => {
  expect(savedEntries(ours, { ...ours, [A]: view(APP, "NEW") }, new Set([A]))[A]?.state.snapshot).toBe("NEW");
});

test("entries of others stay, and a layout or a view of ours that they hold", () => {
  const box = entry("VBoxModel", { children: [`IPY_MODEL_${A}`], layout: `IPY_MODEL_${LAYOUT}` });
  const kept = savedEntries({ ...ours, [OTHER]: box }, {}, new Set([OTHER]));
  expect(Object.keys(kept).sort()).toEqual([A, LAYOUT, APP, OTHER]);
  expect(kept[OTHER]).toBe(box);
});

test("a bundle that several kernels brought is saved once, another version of it as well", () => {
  const second = id("f");
  const third = id("0");
  const views = { [A]: view(), [B]: view(second), [OTHER]: view(third) };
  const kept = savedEntries(
    { [A]: views[A] as Entry, [APP]: app(), [LAYOUT]: layout },
    { ...views, [second]: app(), [third]: app("newer"), [LAYOUT]: layout },
    new Set([A, B, OTHER]),
  );
  expect(Object.keys(kept).sort()).toEqual([third, A, B, LAYOUT, APP, OTHER].sort());
  expect(kept[B]?.state.app).toBe(`anywidget:${APP}`);
});

test("a view whose App is missing stays as it is", () => {
  expect(savedEntries({ [A]: view() }, {}, new Set([A]))).toEqual({ [A]: view() });
});

test("entries that are no such thing do no harm", () => {
  const broken = { [A]: { model_name: "x" }, [OTHER]: null } as unknown as Entries;
  expect(savedEntries({ ...ours, ...broken }, {}, new Set())).toEqual(broken);
});

test("the same entries are the same whatever objects they are", () => {
  expect(sameEntries(ours, structuredClone(ours))).toBe(true);
  expect(sameEntries(ours, { ...ours, [A]: view(APP, "other") })).toBe(false);
  expect(sameEntries(ours, {})).toBe(false);
});
