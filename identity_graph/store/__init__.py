"""The graph store: the only part that talks to Neo4j."""
