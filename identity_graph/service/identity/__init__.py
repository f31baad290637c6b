"""Identity resolution in a transaction: lock, read, decide, write."""
