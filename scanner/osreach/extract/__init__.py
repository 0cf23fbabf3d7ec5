"""From resources to the access model; the only part that knows type and attribute names."""
