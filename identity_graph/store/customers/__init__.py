"""Customers, identifiers and links as they are shown."""
