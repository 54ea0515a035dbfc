"""Kiosk: a guest plays at somebody else's machine, so nothing in the app may reach that machine's files."""

from __future__ import annotations

from collections.abc import Mapping

KIOSK_VARIABLE = "HATLAB_KIOSK"
"""The environment variable that asks for it; so does the option `--kiosk`."""


def is_kiosk(environ: Mapping[str, str]) -> bool:
    """Return True if the environment asks for a kiosk."""
    return environ.get(KIOSK_VARIABLE, "") not in {"", "0"}
