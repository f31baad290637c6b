"""Links, explanations, violations."""
