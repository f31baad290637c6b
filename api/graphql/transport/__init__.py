"""GraphQL over HTTP and sockets: requests, limits, answers, errors."""
