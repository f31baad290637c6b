"""Rules: put in force, applied in the background, previewed, and read from where somebody names them."""
