"""The option `--ascii`, the same for every command that draws a lab."""

from __future__ import annotations

from argparse import ArgumentParser

from hatlab.util.terminal import ASCII_VARIABLE


def add_ascii_option(parser: ArgumentParser) -> None:
    """Add `--ascii`; the command line as a whole sees to it (`hatlab.cli.main`)."""
    text = f"draw with ASCII characters only; the same as {ASCII_VARIABLE}=1"
    parser.add_argument("--ascii", action="store_true", help=text)
