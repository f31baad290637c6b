"""``identity-graph privacy``: handle requests of people about their data."""
