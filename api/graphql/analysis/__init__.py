"""Analysis by GraphQL: funnels, paths, attribution and experiments."""
