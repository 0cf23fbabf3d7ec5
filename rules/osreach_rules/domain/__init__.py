"""Rules about the access policies of domains."""
