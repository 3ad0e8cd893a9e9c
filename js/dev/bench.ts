/** What tests/bench/view.py asks of the page: to show so many spans, to scroll, to let more come, to search. */

import { zlibSync } from "fflate";
import makeApp from "../src/app";
import { unpack, WIRE_VERSION } from "../src/unpack";
import type { Delta, Packed } from "../src/wire.gen";
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

class Bench {
  #model: FakeModel | undefined;
  #end = new AbortController();
  #packed: Packed | undefined;
  #count = 0;

  /** Makes the state of a view of so many spans; returns its bytes. */
  prepare(count: number): number {
    this.#count = count;
    const spans = manySpans(count);
    const { json = "" } = snapshotOf("1", spans, summary("running", { spans: count, calls: count / 2 }));
    const deflated = zlibSync(new TextEncoder().encode(json));
    this.#packed = { v: WIRE_VERSION, deflate: new DataView(deflated.buffer) };
    return deflated.byteLength;
  }

  /** Shows it; returns the time from the state to the pixels, in ms. */
  async show(): Promise<number> {
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
    const { render } = makeApp().initialize();
    render({ model, el, signal: this.#end.signal });
    return (await this.#shown('[role="gridcell"]')) - started;
  }

  /** How long it takes to inflate and parse the state, in ms. */
  async unpack(): Promise<number> {
    const started = performance.now();
    await unpack(this.#packed as Packed);
    return performance.now() - started;
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

  /** Frame times while each frame scrolls by `step_px`, or to anywhere. */
  async scroll(frames: number, step_px: number | undefined): Promise<number[]> {
    const grid = this.#grid;
    grid.scrollTop = 0;
    const times: number[] = [];
    let last = await frame();
    for (let index = 0; index < frames; index++) {
      const jump = ((index * 7919) % 1000) / 1000;
      grid.scrollTop = step_px === undefined ? jump * grid.scrollHeight : grid.scrollTop + step_px;
      const now = await frame();
      times.push(now - last);
      last = now;
    }
    return times;
  }

  /** Frame times while so many spans a second come, in messages 50 ms apart. */
  async live(per_second: number, seconds: number): Promise<number[]> {
    const each = per_second / 20;
    const times: number[] = [];
    const ends = performance.now() + seconds * 1000;
    let seq = 0;
    let next = performance.now();
    let last = await frame();
    for (let now = last; now < ends; now = await frame()) {
      if (now !== last) times.push(now - last);
      last = now;
      if (now < next) continue;
      next += 50;
      this.#model?.receive(this.#delta(++seq, each));
    }
    return times;
  }

  #delta(seq: number, each: number): Packed {
    const spans: Sent[] = [];
    for (let index = 0; index < each; index++) {
      const at = this.#count + (seq - 1) * each + index;
      spans.push({ row: spanOf(at, at) });
    }
    const sum = summary("running", { spans: this.#count + seq * each });
    const delta: Delta = { v: WIRE_VERSION, kind: "delta", seq, rows: columnsOf(spans), summary: sum };
    return packed(delta);
  }

  /** Times from a keystroke in the search box to its pixels. */
  async type(text: string): Promise<number[]> {
    const box = main.querySelector<HTMLInputElement>('[type="search"]') as HTMLInputElement;
    box.focus();
    await painted();
    const times: number[] = [];
    for (let length = 1; length <= text.length; length++) {
      const started = performance.now();
      box.value = text.slice(0, length);
      box.dispatchEvent(new InputEvent("input", { bubbles: true }));
      times.push((await painted()) - started);
    }
    box.value = "";
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await painted();
    return times;
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
