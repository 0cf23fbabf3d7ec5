"""Rules about keys, and about who can use them."""
