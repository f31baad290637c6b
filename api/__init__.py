"""The HTTP face: the collector and GraphQL."""
