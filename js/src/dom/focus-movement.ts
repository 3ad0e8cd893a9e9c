/**
 * Tab goes into a view and out of it, with one press each. Within, F6 goes from part to part (elements of the class lt-part:
 * bar, list of keys, overview, tree, details), and the arrow keys go from control to control, as in the W3C's toolbar pattern,
 * and on into the part above or below: https://www.w3.org/WAI/ARIA/apg/patterns/toolbar/
 */

import { boxOf, focusOn, ROW, taken, viewAround } from "./events";

/** Where one comes to in a part that has it. */
const FIRST = `${ROW},[type=search],[role=tab][aria-selected=true]`;

/** By so much lines may lap over each other. */
const LAP_PX = 2;

type Steps = Readonly<Record<string, number>>;
const ACROSS: Steps = { ArrowRight: 1, ArrowLeft: -1 };
const DOWN: Steps = { ArrowDown: 1, ArrowUp: -1 };

/** Does what a key says in a view, where nothing in there has taken it. */
export function walk(event: KeyboardEvent): void {
  const { key, shiftKey } = event;
  const control = event.target as HTMLElement;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  // A host may have keys of its own that are letters or signs, for when nothing is being typed.
  if (key.length === 1) event.stopPropagation();
  if (key === "Tab") {
    // The browser goes on from there.
    focusOn(viewAround(control)?.querySelectorAll(".lt-gate")[shiftKey ? 0 : 1]);
    return;
  }
  const next = key === "F6" ? entryBeside(control, shiftKey ? -1 : 1) : nextOf(event, control);
  if (next === undefined) return;
  if (next === control) control.click();
  else next.focus();
  taken(event);
}

/** Where an arrow key leads: to the control itself, where it opens or closes that. */
function nextOf(event: KeyboardEvent, control: HTMLElement): HTMLElement | undefined {
  const { key } = event;
  const across = ACROSS[key];
  const step = across ?? DOWN[key];
  if (step === undefined || event.shiftKey || control.matches(across ? "audio" : "select")) return undefined;
  const controls = controlsOf(control.closest(".lt-part"));
  if (!controls.includes(control)) return undefined;
  if (across) return beside(controls, control, across);
  // Into the part above or below; but a key that is held down ends in its part.
  const next = onNextLine(controls, control, step) ?? (event.repeat ? undefined : entryBeside(control, step));
  return next && scrollsFirst(control, next, step) ? undefined : next;
}

/** Leads on, from a gate of the view, who came to it by Tab: to the row that is active, else to what is first. */
export function arrive({ currentTarget, relatedTarget }: FocusEvent): void {
  const gate = currentTarget as Element;
  const view = gate.parentElement as Element;
  // Who comes from inside is on the way out.
  if (view.contains(relatedTarget as Node | null)) return;
  (view.querySelector<HTMLElement>(ROW) ?? entryBeside(gate, 1))?.focus();
}

/** Where one comes to in the part that is a step from an element's; from a gate that is the first part. */
function entryBeside(element: Element, step: number): HTMLElement | undefined {
  const parts = viewAround(element)?.querySelectorAll(".lt-part") ?? [];
  const entries = [...parts].flatMap((part) => part.querySelector<HTMLElement>(FIRST) ?? controlsOf(part)[0] ?? []);
  return entries[entries.findIndex((entry) => element.closest(".lt-part")?.contains(entry)) + step];
}

/** A pane is one of them, to be scrolled, where no other is in it. */
const controlsOf = (part: Element | null): HTMLElement[] =>
  [...(part?.querySelectorAll<HTMLElement>("a[href], button:enabled, input, select, audio, [tabindex]") ?? [])].filter(
    (control) => control.tabIndex >= 0 && control.getClientRects().length > 0 && !control.querySelector("button"),
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

/** The first control of the line below or above; the one beside, for what takes the keys to left and right itself. */
function onNextLine(controls: HTMLElement[], control: HTMLElement, step: number): HTMLElement | undefined {
  const at = controls.indexOf(control);
  const here = boxOf(control);
  const boxes = controls.map(boxOf);
  // What a pane is scrolled past has places above it, but comes after.
  const above = boxes.findLast((box, index) => index < at && box.bottom <= here.top + LAP_PX);
  const next = boxes.findIndex((box) =>
    step > 0 ? box.top >= here.bottom - LAP_PX : above !== undefined && box.bottom > above.top + LAP_PX,
  );
  return controls[next] ?? (control.matches("[aria-valuenow]") ? controls[at + step] : undefined);
}

/** Whether there is more to read before the control, so that the key is to scroll. */
function scrollsFirst(control: HTMLElement, next: HTMLElement, step: number): boolean {
  const pane = control.closest(".lt-pane");
  if (pane === null) return false;
  if (!pane.contains(next)) return step < 0 && pane.scrollTop > 0;
  const box = boxOf(next);
  const sight = boxOf(pane);
  return step > 0 ? box.top > sight.bottom : box.bottom < sight.top;
}
