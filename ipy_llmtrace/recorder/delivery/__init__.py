"""The way to the store: what has ended goes from MLflow into the `Outbox`, to disk, and from there to an MLflow store and to an
OpenTelemetry collector, whatever happens to the kernel meanwhile."""
