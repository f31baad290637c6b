"""The reference pages that are generated from the code: settings, the schema of the graph, the code map."""
