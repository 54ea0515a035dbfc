"""Hostile texts against every reader and writer; `python -m tests.texts` runs the long form."""
