"""The change log, and following it."""
