"""What is to be looked at in a graph, and how bad it is."""
