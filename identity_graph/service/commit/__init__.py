"""The queue, the unit of work, and the transaction that takes events in."""
