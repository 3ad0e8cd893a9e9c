"""Spans in the terms of the contract with the browser. Pure."""
