"""Messages of Segment's protocol, and of the SDKs that speak it."""
