"""The way to MLflow's own pages: the server of `%llmtrace ui`, and links to it."""
