"""Analysis: funnels, paths, attribution and experiments over the journeys of customers."""
