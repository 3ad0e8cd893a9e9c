"""Traces as files: OTLP/JSON and pages, written and read."""
