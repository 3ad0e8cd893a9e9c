/**
 * The view's style sheet in the page. It is not the App's `_css`, of which anywidget keeps one per page: the views that another
 * version saved would lose theirs.
 */

/** The text of src/styles.css, put in by the build. */
declare const STYLES: string;

const OURS = "data-llmtrace-styles";

export function addStyles(): void {
  const text = STYLES;
  const present = [...document.head.querySelectorAll(`style[${OURS}]`)];
  if (present.some(({ textContent }) => textContent === text)) return;
  const style = document.createElement("style");
  style.setAttribute(OURS, "");
  style.textContent = text;
  document.head.append(style);
}
