"""From files to resources: every language ends in the same resources with located values."""
