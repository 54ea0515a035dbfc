"""Kiosk: a guest plays at somebody else's machine, so nothing in the app may reach that machine's files."""

from __future__ import annotations

from collections.abc import Mapping

KIOSK_VARIABLE = "HATLAB_KIOSK"
"""The environment variable that asks for it; so does the option `--kiosk`."""
SEAT_VARIABLE = "HATLAB_SEAT"
"""The environment variable that says that this is a seat of a class: many of them share one machine."""


def is_kiosk(environ: Mapping[str, str]) -> bool:
    """Return True if the environment asks for a kiosk."""
    return environ.get(KIOSK_VARIABLE, "") not in {"", "0"}


def is_seat(environ: Mapping[str, str]) -> bool:
    """Return True if the environment says that this is a seat of a class."""
    return bool(environ.get(SEAT_VARIABLE))
