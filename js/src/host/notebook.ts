/**
 * Keeps the traces of a notebook in the notebook: JupyterLab and Notebook save no widget state by default, and then show
 * "model not found" where a view was. What outputs no longer show is removed at once, so that what was cleared is not
 * saved.
 *
 * Everything here runs within the signals: the document is read right after "started" was emitted.
 */

import { type Entries, type Entry, sameEntries, savedEntries, VIEW } from "./widget-state";

const WIDGET_MIME = "application/vnd.jupyter.widget-view+json";
const STATE_MIME = "application/vnd.jupyter.widget-state+json";
const OURS = "LLM trace, cell [";
/** What Jupyter says in the place of a widget whose model it has not. */
const NO_MODEL = /^(Load|Error display)ing widget/;
const REDRAW_MS = 500;

/** A model as the widget manager has it. */
interface HostModel {
  readonly model_id: string;
  readonly name: string;
  readonly module: string;
  readonly comm_live: boolean;
  get(name: string): unknown;
  get_state(dropDefaults: boolean): Record<string, unknown>;
  serialize(state: Record<string, unknown>): Record<string, unknown>;
  on(events: string, callback: () => void): void;
}

interface Signal<Sender, Value> {
  connect(slot: (sender: Sender, value: Value) => void): void;
}

interface Output {
  readonly data?: Record<string, unknown>;
  toJSON(): { data: Record<string, unknown> };
}

interface Outputs {
  readonly length: number;
  get(index: number): Output;
  set(index: number, output: unknown): void;
}

interface NotebookModel {
  dirty: boolean;
  readonly cells: Iterable<{ readonly outputs?: Outputs }>;
  readonly contentChanged: Signal<unknown, unknown>;
  getMetadata(key: string): unknown;
  setMetadata(key: string, value: unknown): void;
  deleteMetadata(key: string): void;
}

/** JupyterLab's widget manager of a notebook; other hosts' have no `context`. */
export interface Manager {
  readonly kernel?: unknown;
  readonly context?: {
    readonly model?: NotebookModel;
    readonly path?: string;
    readonly saveState: Signal<unknown, string>;
    readonly sessionContext: { readonly kernelChanged: Signal<unknown, unknown> };
  };
  has_model(id: string): boolean;
  get_model(id: string): Promise<HostModel>;
}

/** What the notebook needs to know of the views in the page. */
export interface Views {
  /** Something about a kernel changed. */
  changed(): void;
  isShown(view_id: string): boolean;
}

export class Notebook {
  readonly #manager: Manager;
  readonly #model: NotebookModel;
  /** Our views that the notebook shows; `undefined` while the model is on its way. */
  readonly #views = new Map<string, HostModel | undefined>();
  /** What is to be saved of our models. */
  readonly #live: Entries = {};

  /** `undefined` where the host keeps no notebook that we know. */
  static of(manager: Manager | undefined, views: Views): Notebook | undefined {
    const model = manager?.context?.model;
    if (manager === undefined || typeof model?.setMetadata !== "function" || model.cells === undefined)
      return undefined;
    return new Notebook(manager, model, views);
  }

  private constructor(
    manager: Manager,
    model: NotebookModel,
    readonly page: Views,
  ) {
    this.#manager = manager;
    this.#model = model;
    model.contentChanged.connect(() => this.look());
    // The manager writes before us, if it is set to: all models with a kernel, and those alone.
    manager.context?.saveState.connect((_, state) => state === "started" && this.#write());
    manager.context?.sessionContext.kernelChanged.connect(() => page.changed());
    this.look();
  }

  /** Whether the kernel that made the view is there. */
  hasKernel(view_id: string): boolean {
    if (!this.#manager.kernel) return false;
    for (const model of this.#views.values()) {
      if (model?.get("view_id") === view_id) return model.comm_live;
    }
    return true;
  }

  /** Outputs or models may have come or gone. */
  look(): void {
    const shown = this.#shown();
    let gone = false;
    for (const id of this.#views.keys()) {
      if (shown.has(id)) continue;
      this.#views.delete(id);
      delete this.#live[id];
      gone = true;
    }
    for (const id of shown) if (!this.#views.has(id) && this.#manager.has_model(id)) void this.#watch(id);
    if (gone) this.#write();
  }

  async #watch(id: string): Promise<void> {
    this.#views.set(id, undefined);
    try {
      const view = await this.#manager.get_model(id);
      if (view.get("_anywidget_id") !== VIEW) return;
      const app = await this.#manager.get_model(String(view.get("app")).replace("anywidget:", ""));
      if (!this.#views.has(id)) return;
      this.#views.set(id, view);
      const take = () => this.#take(view, app);
      view.on("change:snapshot change:placement change:feedback", take);
      view.on("comm_live_update", () => this.page.changed());
      // What a notebook keeps of a view without a kernel stays as it is: opening it is no change.
      if (view.comm_live || this.#saved()[id] === undefined) take();
      this.page.changed();
      setTimeout(() => this.#redraw(), REDRAW_MS);
    } catch {
      // A view whose App is not there shows a sentence of its own; there is nothing to save.
    }
  }

  /**
   * The widget manager (jupyterlab_widgets 3.0.17, `restoreWidgets`) may say that all is restored while the notebook's
   * models are still on their way: an output that is drawn just then says that there is no model, and would stay so.
   * Of a notebook that was edited by hand it may never say so. What has no model anywhere, as where the outputs of two
   * branches were merged, shows its static form.
   */
  #redraw(): void {
    const failed = [...document.querySelectorAll(".jp-OutputArea-output")].some(({ textContent }) =>
      NO_MODEL.test(textContent as string),
    );
    if (!failed) return;
    const { dirty } = this.#model;
    const saved = this.#saved();
    for (const [id, outputs, index] of this.#outputs()) {
      const view = this.#views.get(id);
      const output = outputs.get(index).toJSON();
      if (view !== undefined) {
        if (this.page.isShown(String(view.get("view_id")))) continue;
      } else {
        if (id in saved || this.#manager.has_model(id) || !String(output.data["text/html"]).includes(OURS)) continue;
        delete output.data[WIDGET_MIME];
      }
      outputs.set(index, output);
    }
    this.#model.dirty = dirty;
  }

  /** Brings what is saved of a view up to date. */
  #take(view: HostModel, app: HostModel): void {
    if (this.#views.get(view.model_id) !== view) return;
    for (const model of [app, layoutOf(app), layoutOf(view)]) {
      if (model !== undefined) this.#live[model.model_id] ??= entryOf(model);
    }
    this.#live[view.model_id] = entryOf(view);
    this.#write();
  }

  #write(): void {
    const widgets = { ...(this.#model.getMetadata("widgets") as Record<string, unknown> | undefined) };
    const whole = widgets[STATE_MIME] as { state?: Entries } | undefined;
    const old = whole?.state ?? {};
    const entries = savedEntries(old, this.#live, this.#shown());
    if (sameEntries(old, entries)) return;
    if (Object.keys(entries).length > 0) {
      widgets[STATE_MIME] = { version_major: 2, version_minor: 0, ...whole, state: entries };
    } else {
      delete widgets[STATE_MIME];
    }
    if (Object.keys(widgets).length > 0) this.#model.setMetadata("widgets", widgets);
    else this.#model.deleteMetadata("widgets");
  }

  #saved(): Entries {
    const widgets = this.#model.getMetadata("widgets") as Record<string, { state?: Entries }> | undefined;
    return widgets?.[STATE_MIME]?.state ?? {};
  }

  /** The ids of all models, ours and others', that outputs show. */
  #shown(): Set<string> {
    return new Set([...this.#outputs()].map(([id]) => id));
  }

  *#outputs(): Generator<[id: string, outputs: Outputs, index: number]> {
    for (const { outputs } of this.#model.cells) {
      for (let index = 0; outputs !== undefined && index < outputs.length; index++) {
        const data = outputs.get(index).data?.[WIDGET_MIME] as { model_id?: string } | undefined;
        if (data?.model_id !== undefined) yield [data.model_id, outputs, index];
      }
    }
  }
}

const layoutOf = (model: HostModel): HostModel | undefined => model.get("layout") as HostModel | undefined;

function entryOf(model: HostModel): Entry {
  return {
    model_name: model.name,
    model_module: model.module,
    model_module_version: String(model.get("_model_module_version")),
    state: JSON.parse(JSON.stringify(model.serialize(model.get_state(true)), withoutBytes)),
  };
}

/**
 * Bytes as base64 for us to decode. Those that a notebook has as buffers Jupyter decodes, and one character that was lost
 * then costs all widgets of the notebook.
 */
function withoutBytes(_: string, value: unknown): unknown {
  if (!ArrayBuffer.isView(value)) return value;
  let text = "";
  const step = 0x8000; // arguments of one call
  for (let start = 0; start < value.byteLength; start += step) {
    const length = Math.min(step, value.byteLength - start);
    text += String.fromCharCode(...new Uint8Array(value.buffer, value.byteOffset + start, length));
  }
  return btoa(text);
}
