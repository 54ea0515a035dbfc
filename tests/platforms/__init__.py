"""hatlab where parts of Linux are missing, as on macOS and Windows."""
