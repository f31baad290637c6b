"""Why identifiers are one customer's, or are not."""
