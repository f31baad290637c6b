"""``identity-graph consent``: record what somebody said, and see what a customer allows and why."""
