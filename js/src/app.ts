/**
 * The App widget's module, loaded once per kernel. Each cell's TraceView calls its `render`. Nothing is kept at module level,
 * because some hosts share a module between kernels.
 */

import "./text/unseen-characters";
import type { AppExports, AppModule, InitializeProps, RenderProps } from "./host/anywidget";
import { Notebook } from "./host/notebook";
import { addStyles } from "./host/styles";
import { drawTrace } from "./ui/trace";
import { View } from "./view/view";

export default (): AppModule => ({
  initialize({ model }: InitializeProps): AppExports {
    addStyles();
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
