"""How fast a run may be played. Pure."""

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0)
"""Seconds of the lab a real second, to choose from."""
