"""The collector: the HTTP API of Segment, so that existing SDKs are the clients."""
