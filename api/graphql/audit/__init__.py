"""The audit log: which operation records what, and the log as a list."""
