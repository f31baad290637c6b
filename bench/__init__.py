"""The benchmark: how fast the service takes events and answers questions, beside what Neo4j alone can do."""
