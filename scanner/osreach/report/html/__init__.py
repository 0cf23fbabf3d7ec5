"""The report as one page that needs nothing from elsewhere and runs nothing but its own script."""

from osreach.report.html.page import render

__all__ = ["render"]
