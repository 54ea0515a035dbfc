"""Engines make a topology run. `base` is the interface; each other module or folder is one engine."""
