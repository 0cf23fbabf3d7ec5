"""From the access model to effective access, layer by layer."""
