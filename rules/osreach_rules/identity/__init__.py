"""Rules about identities: what roles, users and groups are allowed, and who can become them."""
