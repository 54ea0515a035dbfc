"""What a condition of the lab is called, wherever it is told."""

from __future__ import annotations

_NAMES = {
    "split_brain": "split brain",
    "no_owner": "no owner",
    "address_refused": "keepalived drops everything sent to the address",
    "misdirected": "misdirected",
    "muted_master": "muted Master",
    "duplicate_address": "two nodes announce the same address",
    "tables_differ": "the tables differ",
    "check_left_out": "a check was left out",
}


def condition_name(condition: str) -> str:
    """Return the words for the name in a `condition` event."""
    return _NAMES.get(condition, condition.replace("_", " "))
