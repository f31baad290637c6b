"""Sets of rules, and how far their application has come."""
