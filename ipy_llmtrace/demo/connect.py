"""One line for notebooks: the model to call, and the demo server behind it when none is configured."""

from __future__ import annotations

import os

from .server import DemoServer, start

_started: DemoServer | None = None


def setup() -> str:
    """The model that the notebook is to call; prints one line that says which it is.

    With ``LLMTRACE_MODEL`` in the environment (and the key that LiteLLM wants for it, such as ``OPENAI_API_KEY``) it
    is that model, and nothing is started or changed. Otherwise the demo server is started, once per process, and
    LiteLLM is led to it by ``OPENAI_API_KEY``, ``OPENAI_BASE_URL`` and ``OPENAI_API_BASE`` of this process.
    """
    global _started
    model = os.environ.get("LLMTRACE_MODEL")
    if model:
        print(f"Using the model {model} (LLMTRACE_MODEL).")
        return model
    if _started is None or _started.stopping.is_set():
        _started = start()
    _lead_litellm_to(_started)
    print(f"Using {_started.model} on the demo server (scripted replies); set LLMTRACE_MODEL and its key for another.")
    return _started.model


def _lead_litellm_to(server: DemoServer) -> None:
    os.environ |= {
        "OPENAI_API_KEY": "demo",
        "OPENAI_BASE_URL": server.url,
        "OPENAI_API_BASE": server.url,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it fetches its prices when imported
    }
    for name in ("NO_PROXY", "no_proxy"):  # a proxy cannot reach this machine's own address
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "127.0.0.1"]))
