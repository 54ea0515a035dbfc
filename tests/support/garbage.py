"""Collects what a test leaves, where a library leaves it unclosed."""

import gc
import warnings


def collect_failed_attempts() -> None:
    """Collect the sockets that the Docker SDK leaves when it finds no engine; else a later test is blamed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
