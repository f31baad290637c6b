"""Recording who did what, and verifying what was recorded."""
