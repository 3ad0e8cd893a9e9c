"""What IPython tells us: cells that begin and end, last values, replies that wait."""
