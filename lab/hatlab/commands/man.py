"""Show the manual page: every command with its options, environment variables, files and exit codes.

Where there is no `man`, it prints the help of every command.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from tempfile import TemporaryDirectory

from hatlab.commands import COMMANDS
from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.util.files import write_text

EXAMPLE = """
hatlab man
hatlab man --roff > hatlab.1     the page itself
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--roff", action="store_true", help="print the page as man reads it")
    add_json_option(parser, "print one JSON object with the page as man reads it")


def run(args: Namespace) -> int:
    from hatlab.commands.support.man_page import man_page

    if args.json:
        print_json({"roff": man_page()})
        return 0
    if args.roff:
        sys.stdout.write(man_page())
        return 0
    if (man := shutil.which("man")) is None:
        from hatlab.commands.support.pager import page
        from hatlab.commands.support.parsers import command_parser

        page("\n\n".join(command_parser(name).format_help() for name in COMMANDS))
        return 0
    with TemporaryDirectory(prefix="hatlab-") as folder:
        path = Path(folder) / "hatlab.1"
        write_text(path, man_page())
        return subprocess.run([man, str(path)]).returncode
