"""Experiments by their name, made when they are first needed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from mlflow import MlflowClient

from ipy_llmtrace.recorder.delivery.experiments import Experiments

KERNELS = 4


def test_kernels_that_need_a_new_experiment_at_once_share_it(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has seen that there is none before any of them makes it."""
    together = threading.Barrier(KERNELS)
    look = MlflowClient.get_experiment_by_name

    def looked(client: MlflowClient, name: str) -> object:
        found = look(client, name)
        if found is None:
            together.wait(timeout=60)
        return found

    monkeypatch.setattr(MlflowClient, "get_experiment_by_name", looked)
    with ThreadPoolExecutor(KERNELS) as kernels:
        ids = list(kernels.map(lambda _: Experiments(store).resolve("by-name:of all kernels"), range(KERNELS)))

    monkeypatch.undo()
    made = MlflowClient(store).get_experiment_by_name("of all kernels")
    assert made is not None
    assert ids == [made.experiment_id] * KERNELS
