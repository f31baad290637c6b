"""Access keys in GraphQL."""
