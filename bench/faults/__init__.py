"""Fault injection: real clients send numbered events while the service, Neo4j, the disk or the network fails."""
