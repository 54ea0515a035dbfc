"""hatlab: an interactive teaching lab for high availability in the terminal."""

__version__ = "0.1.0"
