/**
 * The `_esm` of the App widget, loaded once per kernel. Each cell's TraceView asks the App for `render`. Nothing is kept
 * at module level, because some hosts share a module between kernels.
 */

import "./css/theme.css";
import "./css/view.css";
import "./css/detail.css";
import "./css/placement.css";
import type { RenderProps } from "./host";
import { drawTrace } from "./trace";
import { View } from "./view";

export interface App {
  render(props: RenderProps): void;
}

export default () => ({
  initialize(): App {
    const views = new Map<string, View>();
    return {
      render(props: RenderProps): void {
        const id = String(props.model.get("view_id"));
        let view = views.get(id);
        if (view === undefined) {
          view = new View(id, drawTrace, () => views.delete(id));
          views.set(id, view);
        }
        view.attach(props);
      },
    };
  },
});
