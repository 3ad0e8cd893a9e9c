"""The replies of streams, by the kind of their pieces."""
