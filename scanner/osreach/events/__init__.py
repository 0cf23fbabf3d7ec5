"""Events of CloudTrail: reading them, and what they say about a request that was refused."""
