/** What the view does with the page's keys, pointer and focus. */

/** The event was for the view: neither the browser nor the host acts on it, too. */
export function taken(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}

/** Signs for which many keyboards want Option, or AltGr, which counts as Ctrl and Alt on some systems. */
const SIGN = /^[[\]*?/+<>-]$/;

/** Whether a key may be one of the tree's: those with Ctrl, Alt or Meta are mostly the host's. */
export const isOurs = (event: KeyboardEvent): boolean => {
  const { key, ctrlKey, altKey } = event;
  const isTyped = event.getModifierState("AltGraph") || !ctrlKey;
  return !event.metaKey && ((SIGN.test(key) && isTyped) || (!altKey && (!ctrlKey || key === "Home" || key === "End")));
};

/** Where an element stands in what is seen of the page, in px. */
export const boxOf = (element: Element): DOMRect => element.getBoundingClientRect();

/** Gives an element the focus and leaves the page where it is. */
export const focusOn = (element: Element | null | undefined): void =>
  (element as HTMLElement | null | undefined)?.focus({ preventScroll: true });

/** The row that is active. */
export const ROW = "[role=row][tabindex='0']";

/** The view that an element is in. */
export const viewAround = (element: Element | null | undefined): Element | null | undefined =>
  element?.closest(".llmtrace");

/** Gives the focus to the active row, in the view around an element. */
export const focusOnRow = (within: Element | null | undefined): void => focusOn(viewAround(within)?.querySelector(ROW));

interface Grasp {
  onPointerDown(event: PointerEvent): void;
  onPointerMove(event: PointerEvent): void;
}

/** For what is dragged: `moved` is told where the pointer is in the element that `frameOf` finds, as parts of its size. */
export const grasped = (
  frameOf: (handle: Element) => Element | null | undefined,
  moved: (across: number, down: number) => void,
): Grasp => ({
  onPointerDown(event) {
    event.stopPropagation();
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
  },
  onPointerMove({ currentTarget, clientX, clientY, pointerId }) {
    const handle = currentTarget as Element;
    const element = frameOf(handle);
    if (!element || !handle.hasPointerCapture(pointerId)) return;
    const frame = boxOf(element);
    moved((clientX - frame.left) / frame.width, (clientY - frame.top) / frame.height);
  },
});

/** How far a key moves what can be dragged, as a part of the whole. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -0.01,
  ArrowRight: 0.01,
  PageDown: -0.1,
  PageUp: 0.1,
  Home: -1,
  End: 1,
};

/** For what is moved by keys, too: `moved` is told by which part of the whole. */
export const stepped =
  (moved: (part: number) => void) =>
  (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    taken(event);
    moved(step);
  };
