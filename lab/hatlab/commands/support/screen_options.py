"""The options of every command that draws a lab; `hatlab.cli.main` sees to them."""

from __future__ import annotations

from argparse import ArgumentParser

from hatlab.util.kiosk import KIOSK_VARIABLE
from hatlab.util.terminal import ASCII_VARIABLE


def add_screen_options(parser: ArgumentParser) -> None:
    """Add `--ascii` and `--kiosk`."""
    text = f"draw with ASCII characters only; the same as {ASCII_VARIABLE}=1"
    parser.add_argument("--ascii", action="store_true", help=text)
    text = f"for a guest: nothing in the app reaches this machine's files; the same as {KIOSK_VARIABLE}=1"
    parser.add_argument("--kiosk", action="store_true", help=text)
