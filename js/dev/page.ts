/** Puts views into a page that imitates JupyterLab's output areas. `?show=agent,live,...&theme=dark&width=400`. */

import makeApp from "../src/app";
import { agentSpans, failedSpans, likeSpans, manySpans, PLAN, singleSpan, snapshotOf, summary } from "./fixtures";
import { FakeModel } from "./model";
import { replay } from "./replay";

const query = new URLSearchParams(location.search);
const app = makeApp().initialize();
const main = document.querySelector("main") as HTMLElement;
document.body.dataset.jpThemeLight = String(query.get("theme") !== "dark");
if (query.has("width")) main.style.width = `${query.get("width")}px`;

const OUTPUT = `Here is a plan within your budget.

Day 1  Alfama on foot, then the miradouros;
       tram 28 only before nine, it fills up.
Day 2  Belém in the morning, LX Factory after
Day 3  Sintra by train (about 5 euros return)

Flights and two nights come to 294 euros, which
leaves about 180 for food.`;

function cell(source: string, output: string | undefined, model: FakeModel): void {
  const code = document.createElement("div");
  code.className = "source";
  code.textContent = source;
  const area = document.createElement("div");
  area.className = "jp-OutputArea";
  main.append(code, area);
  const view = outputIn(area);
  if (output !== undefined) {
    const text = outputIn(area);
    text.classList.add("jp-RenderedText");
    text.textContent = output;
  }
  show(model, view);
}

/** Every place that shows a view, by the view's id, so that a browser's console can end one or open another. */
const places: Record<string, { model: FakeModel; ends: AbortController[] }> = {};

function show(model: FakeModel, el: HTMLElement): void {
  const end = new AbortController();
  const id = String(model.get("view_id"));
  places[id] = { model, ends: [...(places[id]?.ends ?? []), end] };
  app.render({ model, el, signal: end.signal });
}

Object.assign(window, { places, show });

function outputIn(area: HTMLElement): HTMLElement {
  const child = document.createElement("div");
  child.className = "jp-OutputArea-child";
  const prompt = document.createElement("div");
  prompt.className = "jp-OutputPrompt";
  const output = document.createElement("div");
  output.className = "jp-OutputArea-output";
  child.append(prompt, output);
  area.append(child);
  return output;
}

const SHOWN: Record<string, () => void> = {
  agent: () => {
    const ended = snapshotOf("7", agentSpans(true), summary("ok", { duration_ns: 6.21e9 }));
    cell(
      'answer = plan_trip.run("three days in Lisbon, under 600 euros")\nprint(answer)',
      OUTPUT,
      new FakeModel("agent", ended),
    );
  },
  still: () => {
    const running = snapshotOf("8", agentSpans(false), summary("running"), 4, Date.now() - 5600);
    const last = running.spans.find(({ row }) => row.id === "b3");
    if (last?.detail !== undefined) last.detail.text = PLAN.slice(0, 300);
    cell(
      'answer = plan_trip.run("three days in Lisbon, under 600 euros")\nprint(answer)',
      "Here is a plan within your budget.\n\nDay 1  Alfama on foot",
      new FakeModel("still", running),
    );
  },
  live: () => {
    const model = new FakeModel(
      "live",
      snapshotOf("9", [], summary("running", { spans: 0, calls: 0, errors: 0, tokens: {} })),
    );
    cell('plan_trip.run("three days in Lisbon, under 600 euros")', "…", model);
    replay(model);
  },
  failed: () => {
    const failed = summary("error", { spans: 1, calls: 1, errors: 1, tokens: {}, duration_ns: 0.183e9 });
    delete failed.cost_usd;
    cell(
      'litellm.completion("gpt-3.5-turbo", messages)',
      "ContextWindowExceededError: …",
      new FakeModel("failed", snapshotOf("10", failedSpans(), failed)),
    );
  },
  single: () => {
    const one = summary("ok", {
      spans: 1,
      calls: 1,
      errors: 0,
      tokens: { input: 24, output: 21 },
      unpriced: 1,
      duration_ns: 0.84e9,
    });
    delete one.cost_usd;
    cell('ask("What is a span?")', undefined, new FakeModel("single", snapshotOf("11", singleSpan(), one)));
  },
  large: () => {
    const spans = manySpans(Number(query.get("count") ?? 10_000));
    const sum = summary("ok", {
      spans: spans.length,
      calls: 5000,
      errors: 103,
      duration_ns: spans.length * 1e7,
      unpriced: 12,
      cost_usd: 0.33,
    });
    cell("evaluate(cases)", "10 of 100 cases failed", new FakeModel("large", snapshotOf("12", spans, sum)));
  },
  runs: () => {
    const spans = likeSpans(240);
    const sum = summary("ok", {
      spans: spans.length,
      calls: 1,
      errors: 3,
      duration_ns: 30e9,
      unpriced: 0,
      cost_usd: 0.01,
    });
    cell("index(docs)", "240 documents", new FakeModel("runs", snapshotOf("14", spans, sum)));
  },
  newer: () => {
    cell("1", "text", new FakeModel("newer", { ...snapshotOf("13", [], summary("ok")), v: 2 }));
  },
};

for (const name of (query.get("show") ?? Object.keys(SHOWN).join(",")).split(",")) SHOWN[name]?.();
