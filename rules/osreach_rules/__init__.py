"""The rules of osreach, one a file."""
