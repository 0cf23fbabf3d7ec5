"""The access model: domains, networks and policies as plain values."""
