"""The inside of clusters: one module for each place where it is written down, and one that joins them."""
