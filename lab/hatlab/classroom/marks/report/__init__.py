"""Marks written down: a table for the terminal, CSV, data for JSON, and a page for each student."""
