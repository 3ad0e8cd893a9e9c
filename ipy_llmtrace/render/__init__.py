"""A cell's spans as text and as static HTML."""
