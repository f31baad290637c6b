"""Rules: shown, previewed, put in force, rolled back."""
