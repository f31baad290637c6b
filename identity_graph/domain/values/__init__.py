"""Values that everything is made of: identifiers, times, numbers, observations, and the schema of the graph."""
