"""Which cell did what: the spans of each cell, in memory or in the store."""
