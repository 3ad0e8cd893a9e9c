/** What tests/bench/view.py asks of the page: to show so many spans, to jump in it, to let more come, to time keys. */

import { zlibSync } from "fflate";
import "../src/styles.css";
import makeApp from "../src/app";
import { TraceStore } from "../src/store/trace-store";
import { WIRE_VERSION } from "../src/wire/envelope";
import type { Delta, Packed, Row } from "../src/wire/types.gen";
import { columnsOf, packed, type Sent } from "./columns";
import { manySpans, spanOf } from "./crowds";
import { snapshotOf, summary } from "./fixtures";
import { FakeModel } from "./model";

const main = document.querySelector("main") as HTMLElement;

const frame = (): Promise<number> => new Promise(requestAnimationFrame);
/** Once the frame is on the screen that is being drawn: before what the view does after it, by a timer. */
const afterPaint = (): Promise<number> =>
  new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(performance.now());
    port2.postMessage(0);
  });
/** Once what was asked for is on the screen. */
const painted = (): Promise<number> => frame().then(afterPaint);

/** When the page has nothing more to do, such as to clear up after what was made for this. */
const idle = (): Promise<unknown> => new Promise((done) => requestIdleCallback(done));

/** As ipy_llmtrace/messages.py has it: what is longer is deflated. */
const DELTA_PLAIN_BYTES = 512;
const MESSAGES_PER_S = 20;

const deflated = (json: string): Packed => {
  const bytes = zlibSync(new TextEncoder().encode(json));
  return { v: WIRE_VERSION, deflate: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
};

/** When the newest state was inflated and parsed, and its use began. */
let decoded_ms = 0;
const { applySnapshot } = TraceStore.prototype;
TraceStore.prototype.applySnapshot = function (...given) {
  decoded_ms = performance.now();
  return applySnapshot.apply(this, given);
};

class Bench {
  #model: FakeModel | undefined;
  #end = new AbortController();
  #packed: Packed | undefined;
  #count = 0;
  #key: Promise<number> | undefined;

  /** Makes the state of a view of so many spans; returns its bytes. */
  prepare(count: number): number {
    this.#count = count;
    const spans = manySpans(count);
    const { json = "" } = snapshotOf("1", spans, summary("running", { spans: count, calls: count / 2 }));
    this.#packed = deflated(json);
    return (this.#packed.deflate as DataView).byteLength;
  }

  /** Those of the same rows that another view can be given. */
  spans(): Row[] {
    return manySpans(this.#count).map(({ row }) => row);
  }

  /** Shows it; returns the times, in ms, to the pixels: from the state as it comes, and from when it is inflated and parsed. */
  async show(): Promise<[whole: number, decoded: number]> {
    this.#end.abort();
    this.#end = new AbortController();
    main.replaceChildren();
    const el = document.createElement("div");
    main.append(el);
    const model = new FakeModel(`bench ${performance.now()}`, snapshotOf("1", [], summary("running")));
    model.set("snapshot", this.#packed);
    this.#model = model;
    await idle();
    const started = performance.now();
    const { render } = makeApp().initialize({});
    render({ model, el, signal: this.#end.signal });
    const shown = await this.#shown('[role="gridcell"]');
    return [shown - started, shown - decoded_ms];
  }

  get #grid(): HTMLElement {
    return main.querySelector('[role="treegrid"]') as HTMLElement;
  }

  /** Opens every row by the key for that. */
  async openAll(): Promise<number> {
    const row = main.querySelector<HTMLElement>('[role="row"][tabindex="0"]') as HTMLElement;
    row.focus();
    const started = performance.now();
    row.dispatchEvent(new KeyboardEvent("keydown", { key: "]", bubbles: true }));
    return (await painted()) - started;
  }

  elements(): number {
    return main.querySelectorAll(".llmtrace *").length;
  }

  rows(): number {
    return Number(this.#grid.getAttribute("aria-rowcount")) - 1;
  }

  /** Frame times while each frame jumps to somewhere else, as by the scroll bar. */
  async jump(times: number): Promise<number[]> {
    const grid = this.#grid;
    const frames: number[] = [];
    let last = await frame();
    for (let index = 0; index < times; index++) {
      grid.scrollTop = (((index * 7919) % 1000) / 1000) * grid.scrollHeight;
      const now = await frame();
      frames.push(now - last);
      last = now;
    }
    return frames;
  }

  /** Goes to the end, as a reader does who then follows it. */
  async follow(): Promise<void> {
    (document.activeElement as HTMLElement).blur();
    this.#grid.scrollTop = this.#grid.scrollHeight;
    await painted();
  }

  /**
   * Frame times while so many spans a second come, in messages 50 ms apart, and the messages' bytes: in agents, which are
   * closed at first, or right below the root, where each has a row at once.
   */
  async live(per_second: number, seconds: number, flat: boolean): Promise<[times: number[], bytes: number]> {
    const each = per_second / MESSAGES_PER_S;
    // Before, for the kernel makes them.
    const messages = Array.from({ length: seconds * MESSAGES_PER_S }, (_, index) => this.#delta(index + 1, each, flat));
    const bytes = messages.reduce(
      (sum, { json, deflate }) => sum + (json?.length ?? (deflate as DataView).byteLength),
      0,
    );
    const times: number[] = [];
    let last = await frame();
    let next = last;
    while (messages.length > 0) {
      const now = await frame();
      times.push(now - last);
      last = now;
      if (now < next) continue;
      next += 1000 / MESSAGES_PER_S;
      this.#model?.receive(messages.shift() as Packed);
    }
    return [times, bytes];
  }

  #delta(seq: number, each: number, flat: boolean): Packed {
    const spans: Sent[] = [];
    for (let index = 0; index < each; index++) {
      const at = this.#count + (seq - 1) * each + index;
      const row = spanOf(at, at);
      spans.push({ row: flat ? { ...row, parent: spanOf(0, 1).id } : row });
    }
    const sum = summary("running", { spans: this.#count + seq * each });
    const delta: Delta = { v: WIRE_VERSION, kind: "delta", seq, rows: columnsOf(spans), summary: sum };
    const { json = "" } = packed(delta);
    return json.length > DELTA_PLAIN_BYTES ? deflated(json) : { v: WIRE_VERSION, json };
  }

  /** From now on each key is timed, from when the browser got it to its pixels. */
  timeKeys(): void {
    const pressed = ({ timeStamp }: KeyboardEvent) => {
      this.#key = painted().then((now) => now - timeStamp);
    };
    main.addEventListener("keydown", pressed, { capture: true, signal: this.#end.signal });
  }

  /** Once what the last key does is on the screen: how long it took, in ms. */
  keyShown(): Promise<number> {
    return this.#key as Promise<number>;
  }

  /** From a click on a row to its details, in ms. */
  async details(): Promise<number> {
    const started = performance.now();
    main.querySelector<HTMLElement>("[data-span-id] .lt-name")?.click();
    return (await this.#shown('[role="tabpanel"] > :not(:empty)')) - started;
  }

  /** Once there is something of this in the page and on the screen. */
  async #shown(selector: string): Promise<number> {
    let drawing = false;
    const watch = (): void => {
      // While a frame is being drawn, what comes into the page is on the screen at its end.
      drawing = true;
      setTimeout(() => {
        drawing = false;
      });
      frames = requestAnimationFrame(watch);
    };
    let frames = requestAnimationFrame(watch);
    await new Promise<void>((done) => {
      const observer = new MutationObserver(() => {
        if (main.querySelector(selector) === null) return;
        observer.disconnect();
        done();
      });
      observer.observe(main, { childList: true, subtree: true });
    });
    cancelAnimationFrame(frames);
    return drawing ? afterPaint() : painted();
  }
}

Object.assign(window, { bench: new Bench() });
