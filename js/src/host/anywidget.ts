/** What we use of an anywidget host: its model, and what it calls `render` with. */

import type { DetailRequest, FeedbackRequest, Here, Resync, SearchRequest } from "../wire/types.gen";

export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: ToKernel): void;
  on(event: string, callback: Listener): void;
  off(event: string, callback: Listener): void;
}

export type Listener = (message?: unknown, buffers?: readonly DataView[]) => void;

export type ToKernel = Here | Resync | DetailRequest | SearchRequest | FeedbackRequest;

export interface RenderProps {
  model: Model;
  el: HTMLElement;
  signal?: AbortSignal;
}
