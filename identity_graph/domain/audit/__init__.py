"""The audit log: who read, changed or exported what, as a chain of hashes with signed checkpoints."""
