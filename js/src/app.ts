/**
 * The `_esm` of the App widget, loaded once per kernel. Each cell's TraceView asks the App for `render`. Nothing is kept
 * at module level, because some hosts share a module between kernels.
 */

import "./css/theme.css";
import "./css/view.css";
import "./ui/header/search.css";
import "./ui/tree/grid.css";
import "./ui/tree/rows.css";
import "./ui/controls/icons.css";
import "./css/room.css";
import "./ui/details/details.css";
import "./ui/details/values.css";
import "./ui/details/chat.css";
import "./host/output-area.css";
import "./text/unseen-characters";
import type { Model, RenderProps } from "./host/anywidget";
import { type Manager, Notebook } from "./host/notebook";
import { drawPage } from "./ui/page";
import { drawTrace } from "./ui/trace";
import { View } from "./view/view";

export interface App {
  render(props: RenderProps): void;
}

export default () => ({
  page: drawPage,
  initialize({ model }: { model?: Model & { widget_manager?: Manager } } = {}): App {
    const views = new Map<string, View>();
    const changed = () => {
      for (const view of views.values()) view.changed();
    };
    model?.on("change:troubles", changed);
    model?.on("change:ui", changed);
    try {
      // Before any view is drawn, and also if none is.
      model?.send({ kind: "here", seq: 0, origin: location.origin });
    } catch {
      // No kernel behind the model.
    }
    const notebook = Notebook.of(model?.widget_manager, {
      changed,
      isShown: (id) => views.get(id)?.isShown ?? false,
    });
    return {
      render(props: RenderProps): void {
        const id = String(props.model.get("view_id"));
        let view = views.get(id);
        if (view === undefined) {
          const hasKernel = () => notebook?.hasKernel(id) ?? true;
          const troubles = () => (hasKernel() ? ((model?.get("troubles") ?? []) as string[]) : []);
          view = new View(
            id,
            drawTrace,
            () => views.delete(id),
            hasKernel,
            troubles,
            () => model?.get("ui") as Record<string, string> | undefined,
            model?.widget_manager?.context?.path,
          );
          views.set(id, view);
        }
        notebook?.look();
        view.attach(props);
      },
    };
  },
});
