/**
 * Where a view stands in JupyterLab's and Notebook's output area: beside the cell's own output where that is wide, below
 * it where it is narrow. Other hosts have no such area, and a view is a plain block there.
 */

import { boxOf } from "../dom/events";

/** The least width of an output area with two columns. */
export const WIDE_PX = 900;

const BESIDE = "llmtrace-beside";
const BELOW = "llmtrace-below";
const SIDE = "llmtrace-side";
const LAST = "llmtrace-last";

/**
 * Gives an output area and its children the classes that the style sheet lays out, or takes them away when no view is
 * left. Of several views the first stands beside the output and the others below, so that none covers another. Returns
 * whether there is a choice.
 */
export function arrange(area: HTMLElement): boolean {
  const children = [...area.children].filter((child) => child.classList.contains("jp-OutputArea-child"));
  const views = children.filter((child) => placementIn(child) !== undefined);
  const hasOutput = children.some((child) => !views.includes(child) && boxOf(child).height > 0);
  const wide = boxOf(area).width >= WIDE_PX;
  // A running cell's output may come at its end; what stands beside then must not move under the reader's eyes.
  const expectsOutput = hasOutput || area.classList.contains(BESIDE) || views.some(isRunningIn);
  const side = expectsOutput && wide ? views.find((child) => placementIn(child) === "beside") : undefined;
  for (const child of children) {
    child.classList.toggle(SIDE, child === side);
    child.classList.toggle(LAST, child !== side && views.includes(child) && (hasOutput || side !== undefined));
  }
  area.classList.toggle(BESIDE, side !== undefined);
  area.classList.toggle(BELOW, side === undefined && hasOutput && views.length > 0);
  return hasOutput && wide;
}

function isRunningIn(child: Element): boolean {
  return child.querySelector("[data-llmtrace-running]") !== null;
}

function placementIn(child: Element): string | undefined {
  return child.querySelector<HTMLElement>("[data-llmtrace-placement]")?.dataset.llmtracePlacement;
}
