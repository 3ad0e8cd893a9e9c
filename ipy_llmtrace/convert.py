"""For nbconvert: traces as their static form. A page that nbconvert makes draws widgets by scripts from the network, and shows
nothing of them without it.

``jupyter nbconvert --to html --HTMLExporter.preprocessors=ipy_llmtrace.convert.StaticTraces NOTEBOOK``
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from typing import Any

from nbconvert.preprocessors import Preprocessor

from .views.cell_view import WIDGET_MIME

STATE_MIME = "application/vnd.jupyter.widget-state+json"


class StaticTraces(Preprocessor):
    """Takes our views, and what the notebook keeps of them, out of it; other libraries' widgets stay."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        widgets = nb.metadata.get("widgets", {})
        models = widgets.get(STATE_MIME, {}).get("state", {})
        ours = {model_id for model_id, model in models.items() if _is_ours(model)}
        for cell in nb.cells:
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                if data.get(WIDGET_MIME, {}).get("model_id") in ours:
                    del data[WIDGET_MIME]
        layouts = {str(_state(models[model_id]).get("layout")).removeprefix("IPY_MODEL_") for model_id in ours}
        for model_id in ours | layouts:
            models.pop(model_id, None)
        if not models:
            widgets.pop(STATE_MIME, None)
        if not widgets:
            nb.metadata.pop("widgets", None)
        return nb, resources


def _is_ours(model: Any) -> bool:
    return str(_state(model).get("_anywidget_id")).startswith("ipy_llmtrace.")


def _state(model: Any) -> dict[str, Any]:
    """A model's state; nothing of one that was cut, or edited by hand."""
    state = model.get("state") if isinstance(model, dict) else None
    return state if isinstance(state, dict) else {}
