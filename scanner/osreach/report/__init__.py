"""From a report to text in every format."""
