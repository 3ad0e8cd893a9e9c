"""The LiteLLM side: a span for every call, from its first moment to its true end. `LiveLogger` is what the recorder
installs; the rest is what it needs where LiteLLM has no hook of its own."""
