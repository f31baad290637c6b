"""The part of a transaction that keeps traits."""
