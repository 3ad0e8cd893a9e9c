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
import type { UiAddresses } from "./wire/types.gen";

export default (): AppModule => ({
  initialize({ model }: InitializeProps): AppExports {
    addStyles();
    const views = new Map<string, View>();
    const changed = () => {
      for (const view of views.values()) view.changed();
    };
    model?.on("change:troubles", changed);
    // Whoever has these addresses is let in: they are in no state, which the notebook keeps.
    let uis: Readonly<Record<string, string>> = {};
    model?.on("msg:custom", (message) => {
      if ((message as UiAddresses | undefined)?.kind !== "uis") return;
      uis = (message as UiAddresses).addresses;
      changed();
    });
    try {
      // Before any view is drawn, and also if none is.
      model?.send({ kind: "here", seq: 0 });
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
            () => uis,
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
