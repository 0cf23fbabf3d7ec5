"""Rules about fine-grained access control."""
