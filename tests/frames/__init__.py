"""Damaged frames against everything that reads them; `python -m tests.frames` runs the long form."""
