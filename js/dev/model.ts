/** A model with no kernel behind it. */

import type { Listener, Model, ToKernel } from "../src/host/anywidget";
import type { Packed, UiAddresses } from "../src/wire/types.gen";

export class FakeModel implements Model {
  readonly sent: ToKernel[] = [];
  readonly #values: Map<string, unknown>;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(view_id: string, snapshot: Packed | undefined, placement = "beside") {
    this.#values = new Map<string, unknown>([
      ["view_id", view_id],
      ["placement", placement],
      ["snapshot", snapshot],
    ]);
  }

  get(name: string): unknown {
    return this.#values.get(name);
  }

  set(name: string, value: unknown): void {
    this.#values.set(name, value);
    this.#tell(`change:${name}`);
  }

  save_changes(): void {}

  send(content: ToKernel): void {
    this.sent.push(content);
  }

  on(event: string, callback: Listener): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(callback));
  }

  off(event: string, callback: Listener): void {
    this.#listeners.get(event)?.delete(callback);
  }

  /** As if the kernel had sent it. */
  receive(message: Packed | UiAddresses): void {
    this.#tell("msg:custom", message);
  }

  #tell(event: string, message?: unknown): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(message, []);
  }
}
