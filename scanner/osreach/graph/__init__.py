"""From effective access to a graph of principals and resources; every edge is one fact with its place."""
