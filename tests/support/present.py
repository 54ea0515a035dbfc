"""A value that may be missing elsewhere, and may not in a test."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def present(value: T | None) -> T:
    """Return a value, which must be there."""
    assert value is not None
    return value
