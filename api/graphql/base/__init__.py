"""What all types share: context, loaders, nodes, connections, scalars, and identifiers."""
