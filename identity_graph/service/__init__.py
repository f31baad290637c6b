"""Units of work: read, decide, write."""
