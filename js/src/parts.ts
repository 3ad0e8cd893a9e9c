/**
 * Tab has few stops in a view: its bar, the overview, the tree, the details. Within one of these parts (an element of the
 * class lt-part that gives its keys to `walk`) the arrow keys go from control to control, as in the W3C's toolbar pattern:
 * https://www.w3.org/WAI/ARIA/apg/patterns/toolbar/
 */

import { focusOn, taken } from "./events";

/** Where Tab comes to in a part that has it. */
const FIRST = '[type="search"], [role="tab"][aria-selected="true"]';

/** By so much lines may lap over each other. */
const LAP_PX = 2;

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** Lets Tab out of a part, and moves within it. */
export function walk(event: KeyboardEvent): void {
  const { key, target } = event;
  const part = (target as Element).closest(".lt-part");
  if (part === null || event.ctrlKey || event.altKey || event.metaKey) return;
  const controls = controlsOf(part);
  if (key === "Tab") {
    // The browser then goes on from the last control, or back from the first.
    focusOn(controls.at(event.shiftKey ? 0 : -1));
    return;
  }
  const step = STEPS[key];
  if (step === undefined || event.shiftKey) return;
  const sideways = key === "ArrowLeft" || key === "ArrowRight";
  if (!sideways && target instanceof HTMLSelectElement) return;
  const control = target as HTMLElement;
  const next = sideways ? beside(controls, control, step) : onNextLine(controls, control, step);
  if (next === undefined || (!sideways && scrollsFirst(control, next, step))) return;
  if (next === control) control.click();
  else next.focus();
  taken(event);
}

/** When Tab has come into a part from another one, goes to the control that one comes for. */
export function arrive({ target, relatedTarget }: FocusEvent): void {
  const control = target as Element;
  const part = control.closest(".lt-part");
  if (part === null || !(relatedTarget instanceof Node) || part.contains(relatedTarget)) return;
  // A mouse, or a script, means the control itself.
  if (control.matches("input, :not(:focus-visible)")) return;
  focusOn(part.querySelector(FIRST));
}

const controlsOf = (part: Element): HTMLElement[] =>
  [...part.querySelectorAll<HTMLElement>("a[href], button:enabled, input, select, [tabindex]")].filter(
    (control) => control.tabIndex >= 0 && control.getClientRects().length > 0,
  );

/** The control itself, where the key opens or closes it. */
function beside(controls: HTMLElement[], control: HTMLElement, step: number): HTMLElement | undefined {
  if (control.matches(`.lt-fold[aria-expanded="${step < 0}"]`)) return control;
  if (control instanceof HTMLInputElement) {
    // The caret's keys, until it can go no further.
    const { selectionStart, selectionEnd, value } = control;
    if (selectionStart !== selectionEnd || selectionStart !== (step < 0 ? 0 : value.length)) return undefined;
  }
  return controls[controls.indexOf(control) + step];
}

/** The first control of the line below or above; where all stand on one line, the one beside. */
function onNextLine(controls: HTMLElement[], control: HTMLElement, step: number): HTMLElement | undefined {
  const at = controls.indexOf(control);
  const here = control.getBoundingClientRect();
  const boxes = controls.map((each) => each.getBoundingClientRect());
  const above = boxes.findLast((box, index) => index < at && box.bottom <= here.top + LAP_PX);
  const next = boxes.findIndex((box, index) =>
    step > 0 ? index > at && box.top >= here.bottom - LAP_PX : above !== undefined && box.bottom > above.top + LAP_PX,
  );
  return controls[next] ?? controls[at + step];
}

/** Whether there is more to read before the control, so that the key is to scroll. */
function scrollsFirst(control: HTMLElement, next: HTMLElement, step: number): boolean {
  const pane = control.closest(".lt-pane");
  if (pane === null) return false;
  if (!pane.contains(next)) return step < 0 && pane.scrollTop > 0;
  const box = next.getBoundingClientRect();
  const sight = pane.getBoundingClientRect();
  return step > 0 ? box.top > sight.bottom : box.bottom < sight.top;
}
