"""Rules about the configuration of a domain."""
