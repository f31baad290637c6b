"""Changes, and following them."""
