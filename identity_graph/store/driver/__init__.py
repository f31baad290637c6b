"""The connection to Neo4j, and queries as typed functions."""
