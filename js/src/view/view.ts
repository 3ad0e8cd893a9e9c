/**
 * One view, by its `view_id`: the trace, what the reader has opened and chosen in it, and every place in the page that
 * shows it.
 */

import type { ComponentChild } from "preact";
import type { Listener, Model, RenderProps, ToKernel } from "../host/anywidget";
import { TraceStore } from "../store/trace-store";
import { type Kept, type Unpacked, Unreadable, unpack, unpackSnapshot } from "../wire/envelope";
import type { Delta, DetailReply, GivenFeedback, Packed, SearchReply } from "../wire/types.gen";
import { remember, remembered } from "./browser-memory";
import { Turns } from "./in-order";
import { boundedRows, ROWS_IN_SIGHT } from "./limits";
import { type PlacedView, Slot } from "./place-in-page";
import { change, fresh, type Placement, type Reading } from "./view-state";

const GRACE_MS = 60_000;
const MOST_HELD = 5000;

export class View implements PlacedView {
  readonly store = new TraceStore(() => this.#notify());
  readonly reading: Reading = fresh();
  /** What has been said of the trace. */
  feedback: readonly GivenFeedback[] = [];
  /** Whether a store has the traces, and takes more. */
  takesFeedback = true;
  /** A plain sentence when something could not be shown. */
  problem: string | undefined;
  readonly #slots: Slot[] = [];
  readonly #watchers = new Set<() => void>();
  /** What came while the view was paused. */
  readonly #held: (() => void)[] = [];
  #frame = 0;
  readonly #turns = new Turns();
  /** The newest snapshot that has come. */
  #newest: unknown;
  #awaiting = false;
  /** Something came that has not been drawn. */
  #stale = false;
  #dropping: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly id: string,
    readonly draw: (view: View) => ComponentChild,
    readonly drop: () => void,
    /** Whether there is a kernel to ask. */
    readonly hasKernel: () => boolean = () => true,
    /** What the kernel cannot store at present, in plain sentences. */
    readonly troubles: () => readonly string[] = () => [],
    /** The addresses of MLflow's UIs that the kernel serves, by the names that links have for their stores. */
    readonly ui: () => Readonly<Record<string, string>> | undefined = () => undefined,
    /** What the browser remembers the notebook by. */
    readonly notebook: string = location.pathname,
  ) {
    this.reading.most_rows = boundedRows(Number(remembered(`rows ${notebook}`)) || ROWS_IN_SIGHT.usual);
  }

  /** Shows the view in `el` until the signal. A place that has left the page hands its nodes over, as they are. */
  attach({ model, el, signal }: RenderProps): void {
    clearTimeout(this.#dropping);
    const asked = model.get("placement");
    if (this.store.seq < 0) this.reading.placement = asked === "below" ? "below" : "beside";
    const old = this.#slots.find((slot) => slot.hasLeft);
    const slot = new Slot(this, model, el);
    this.#slots.push(slot);
    this.#takeSnapshot(model);
    this.#takeFeedback(model);
    slot.show(old);
    this.#inTurn(
      () => this.store,
      ({ seq }) => {
        if (seq >= 0) this.#tell(model, { kind: "here", seq });
      },
    );
    signal?.addEventListener("abort", () => this.#detach(slot));
  }

  get placement(): Placement {
    return this.reading.placement;
  }

  get isRunning(): boolean {
    return this.store.isRunning;
  }

  content(): ComponentChild {
    return this.draw(this);
  }

  /** Whether it stands somewhere in the page. */
  get isShown(): boolean {
    return this.#slots.some((slot) => slot.el.isConnected);
  }

  /** Whether a reader can see it somewhere. */
  get inSight(): boolean {
    return this.#slots.some((slot) => slot.inSight);
  }

  #detach(slot: Slot): void {
    slot.close();
    this.#slots.splice(this.#slots.indexOf(slot), 1);
    if (this.#slots.length === 0) this.#dropping = setTimeout(this.drop, GRACE_MS);
  }

  /** Listens to a model until the returned function is called. */
  listen(model: Model): () => void {
    const snapshot: Listener = () => this.#takeSnapshot(model);
    const message: Listener = (packed, buffers) => this.#takeMessage(model, packed as Packed, buffers);
    const feedback: Listener = () => this.#takeFeedback(model);
    model.on("change:snapshot", snapshot);
    model.on("change:feedback", feedback);
    model.on("msg:custom", message);
    return () => {
      model.off("change:snapshot", snapshot);
      model.off("change:feedback", feedback);
      model.off("msg:custom", message);
    };
  }

  #takeSnapshot(model: Model): void {
    const packed = model.get("snapshot") as Packed | null | undefined;
    if (!packed || packed.v === undefined || packed === this.#newest) return;
    this.#newest = packed;
    this.#awaiting = false;
    const use = (kept: Kept) => {
      if (this.#hold(() => use(kept))) return;
      if (this.store.applySnapshot(kept.snapshot, kept.details)) this.problem = undefined;
    };
    this.#inTurn(() => unpackSnapshot(packed), use);
  }

  /** Keeps for later, while the view is paused, what is to be done then. What is too much is a gap then, and all is asked for. */
  #hold(later: () => void): boolean {
    if (this.reading.paused_ns === undefined) return false;
    if (this.#held.length < MOST_HELD) this.#held.push(later);
    return true;
  }

  #takeFeedback(model: Model): void {
    const given = model.get("feedback");
    this.feedback = Array.isArray(given) ? given : [];
    this.takesFeedback = model.get("takes_feedback") !== false;
    this.read({ giving: undefined });
  }

  #takeMessage(model: Model, packed: Packed, buffers: readonly DataView[] | undefined): void {
    const use = (unpacked: Unpacked) => {
      const message = unpacked.value as Delta | DetailReply | SearchReply;
      if (message.kind === "search") {
        const { bodies } = this.reading;
        if (bodies && message.number === bodies.number) {
          this.read({ bodies: { ...bodies, previous: undefined, ids: new Set(message.ids), note: message.note } });
        }
      } else if (message.kind === "detail") {
        const { asked } = this.reading;
        if (asked.get(message.id) === false) return;
        asked.delete(message.id);
        this.store.applyDetail(message);
      } else if (!this.#hold(() => use(unpacked))) {
        const applied = this.store.applyDelta(message, unpacked.details, Date.now());
        if (applied !== "gap" || this.#awaiting) return;
        this.#awaiting = true;
        this.#tell(model, { kind: "resync" });
      }
    };
    this.#inTurn(() => unpack(packed, buffers), use);
  }

  /** Uses what came when what came before has been. */
  #inTurn<Value>(unpacked: () => Value | Promise<Value>, use: (value: Value) => void): void {
    const fail = (error: unknown) => {
      this.guard(() => {
        throw error;
      });
    };
    this.guard(() => this.#turns.take(unpacked(), (value) => this.guard(() => use(value)), fail));
  }

  /** Whether what has come first is still being unpacked. */
  get isUnpacking(): boolean {
    return this.#turns.pending;
  }

  /** Runs what may fail on what came from outside; the view then says so and stands. */
  guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.problem = error instanceof Unreadable ? error.message : `The trace could not be shown: ${String(error)}`;
    }
    this.changed();
  }

  /** Sends through any place that still has a kernel behind it. */
  send(message: ToKernel): void {
    const slot = this.#slots.at(-1);
    if (slot !== undefined) this.#tell(slot.model, message);
  }

  #tell(model: Model, message: ToKernel): void {
    try {
      model.send(message);
    } catch {
      // No kernel behind the model: a saved view stays as it is.
    }
  }

  /** Changes what the reader sees, at once. */
  readonly read = (changes: Partial<Reading>): void => {
    change(this.reading, changes);
    this.#draw();
  };

  /** Holds the view as it is at `now_ns` while the cell runs on, or lets in what has come meanwhile. */
  pause(now_ns: number | undefined): void {
    this.read({ paused_ns: now_ns });
    if (now_ns === undefined) for (const use of this.#held.splice(0)) this.guard(use);
  }

  /** Lets so many rows of the tree be in sight, here and in the notebook's views to come. */
  resize(rows: number): void {
    this.read({ most_rows: boundedRows(rows) });
    remember(`rows ${this.notebook}`, `${this.reading.most_rows}`);
  }

  /** Moves the view, and tells the model, so that the choice is kept. */
  place(placement: Placement): void {
    this.read({ placement });
    for (const slot of this.#slots) slot.arrange();
    const model = this.#slots.at(-1)?.model;
    model?.set("placement", placement);
    model?.save_changes();
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Data came: the page is drawn once in the next frame, however much comes until then. */
  changed(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#notify();
    });
  }

  /** A place of the view has come into sight. */
  seen(): void {
    if (this.#stale) this.#draw();
  }

  /** While a trace runs that nobody sees, only the store follows it. */
  #notify(): void {
    this.#stale = this.store.isRunning && !this.inSight;
    if (!this.#stale) this.#draw();
  }

  #draw(): void {
    this.#stale = false;
    for (const watcher of this.#watchers) watcher();
  }
}
