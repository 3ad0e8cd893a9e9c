/**
 * Puts views into a page that imitates a host's output areas, each after the cell that made it:
 * `?show=agent,live&host=vscode&theme=dark&width=400`. Without `show` it shows all.
 */

import "../src/styles.css";
import makeApp from "../src/app";
import { drawTrace } from "../src/ui/trace";
import { View } from "../src/view/view";
import { CASES, type Case } from "./cases";
import { areaIn, enter, HOSTS, outputIn } from "./hosts";
import { FakeModel } from "./model";

const query = new URLSearchParams(location.search);
const host = HOSTS.find((name) => name === query.get("host")) ?? "jupyterlab";
/** The kernel's App. */
const kernel = new FakeModel("app", undefined);
const app = makeApp().initialize({ model: kernel });
const main = document.querySelector("main") as HTMLElement;

/** Every place that shows a view, by the view's id, so that a browser's console can end one or open another. */
const places: Record<string, { model: FakeModel; ends: AbortController[] }> = {};

function show(model: FakeModel, el: HTMLElement, saved = false): void {
  const end = new AbortController();
  const id = String(model.get("view_id"));
  places[id] = { model, ends: [...(places[id]?.ends ?? []), end] };
  const props = { model, el, signal: end.signal };
  if (saved)
    new View(
      id,
      drawTrace,
      () => {},
      () => false,
    ).attach(props);
  else app.render(props);
}

function cell({ source, output, model, saved, shown }: Case): void {
  const code = document.createElement("div");
  code.className = "source";
  code.textContent = source;
  main.append(code);
  const area = areaIn(host, main);
  const view = outputIn(host, area);
  if (output !== undefined) {
    const text = outputIn(host, area);
    text.classList.add("jp-RenderedText");
    text.textContent = output;
  }
  show(model, view, saved);
  shown?.(model);
}

Object.assign(window, { places, show, kernel });
if (query.has("width")) main.style.width = `${query.get("width")}px`;
await enter(host, query.get("theme") ?? "light");
for (const name of (query.get("show") ?? Object.keys(CASES).join(",")).split(",")) {
  const made = CASES[name]?.(query);
  if (made !== undefined) cell(made);
}
