"""The options of every command that draws a lab."""

from __future__ import annotations

from argparse import ArgumentParser

from hatlab.commands.support.open_settings import add_extensions_option, add_setting_options
from hatlab.util.kiosk import KIOSK_VARIABLE


def add_screen_options(parser: ArgumentParser, *settings: str) -> None:
    """Add `--kiosk`, and the settings of a screen after some others."""
    text = f"for a guest: nothing in the app reaches this machine's files; the same as {KIOSK_VARIABLE}=1"
    parser.add_argument("--kiosk", action="store_true", help=text)
    screen = ("theme", "ascii", "notices", "facts_only", "pane", "tutor_width", "keys")
    add_extensions_option(parser)
    add_setting_options(parser, *settings, *screen)
