/**
 * The containers that hosts put an output into, as far as a view can tell: their marks on the page, their elements around
 * the output, and in the style sheet of the same name what of theirs reaches a view. After JupyterLab 4.6, VS Code's
 * notebook webview and Colab's output frame.
 */

export const HOSTS = ["jupyterlab", "vscode", "colab"] as const;
export type Host = (typeof HOSTS)[number];

/** Makes the page one of the host's; `theme` is `light`, `dark`, or for VS Code `high-contrast(-light)`. */
export function enter(host: Host, theme: string): Promise<void> {
  const { body, documentElement } = document;
  if (host === "jupyterlab") body.dataset.jpThemeLight = String(theme !== "dark");
  if (host === "vscode") {
    body.classList.add(`vscode-${theme}`);
    // As VS Code does it, for extensions that know only the older name.
    if (theme === "high-contrast-light") body.classList.add("vscode-high-contrast");
  }
  if (host === "colab") documentElement.setAttribute("theme", theme);
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = `${host}.css`;
  return new Promise((loaded) => {
    sheet.onload = () => loaded();
    document.head.append(sheet);
  });
}

/** The elements around each output of an area, from the outermost in. */
const AROUND: Readonly<Record<Host, readonly string[]>> = {
  jupyterlab: ["jp-OutputArea-child", "jp-OutputArea-output"],
  vscode: ["output_container", "output", "cell-output-ipywidget-background"],
  colab: ["output_subarea"],
};

export function areaIn(host: Host, parent: HTMLElement): HTMLElement {
  return within(parent, host === "jupyterlab" ? "jp-OutputArea" : "cell_container");
}

export function outputIn(host: Host, area: HTMLElement): HTMLElement {
  let place = area;
  for (const name of AROUND[host]) {
    place = within(place, name);
    if (name === "jp-OutputArea-child") within(place, "jp-OutputPrompt");
  }
  return place;
}

function within(parent: HTMLElement, name: string): HTMLElement {
  const element = document.createElement("div");
  element.className = name;
  parent.append(element);
  return element;
}
