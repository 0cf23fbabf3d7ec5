"""Rules about the network in front of a domain."""
