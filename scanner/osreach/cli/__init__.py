"""Commands: the only part that prints and exits."""
