"""The catalogue: put in force, applied in the background, compared, and read from where somebody names it."""
