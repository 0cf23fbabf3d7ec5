"""Rules about what writes to clusters and reads from them, and the other ways in and out."""
