/** The part of an anywidget host that the view uses: https://anywidget.dev/en/afm/ */

import type { DetailRequest, FeedbackRequest, Here, PlainViewRequest, Resync, SearchRequest } from "../wire/types.gen";
import type { Manager } from "./notebook";

export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: ToKernel): void;
  on(event: string, callback: Listener): void;
  off(event: string, callback: Listener): void;
}

export type Listener = (message?: unknown, buffers?: readonly DataView[]) => void;

export type ToKernel = Here | Resync | PlainViewRequest | DetailRequest | SearchRequest | FeedbackRequest;

/** Finds other widgets of the notebook; from anywidget 0.11 on. */
export interface Host {
  getWidget(reference: string): Promise<{ readonly exports: AppExports }>;
}

export interface InitializeProps {
  /** The App's model. */
  model?: Model & { readonly widget_manager?: Manager };
}

export interface RenderProps {
  /** The model of a TraceView. */
  model: Model;
  el: HTMLElement;
  host?: Host;
  signal?: AbortSignal;
}

/** What the App offers to each TraceView. */
export interface AppExports {
  render(props: RenderProps): void | Promise<void>;
}

/** What a host expects of the App's module. */
export interface AppModule {
  initialize(props: InitializeProps): AppExports;
}
