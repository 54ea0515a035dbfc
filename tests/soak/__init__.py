"""Labs that run for an hour while they are broken and repaired: `python -m tests.soak --minutes 60`."""
