"""Who shows a cell, and how: a live widget, text, or nothing."""
