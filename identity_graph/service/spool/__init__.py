"""The spool of a running service: what waits while Neo4j takes no events."""
