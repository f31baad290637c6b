"""Numbers about the graph as a whole."""
