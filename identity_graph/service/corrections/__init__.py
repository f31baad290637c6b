"""What people say and take back: judgements, unlinks, retractions."""
