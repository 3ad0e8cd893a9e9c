"""What a trace is: spans, their tree, feedback, conversations. Pure."""
