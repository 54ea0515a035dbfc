"""List what other packages add to hatlab: checks, actions, conditions and engines.

The exit code is 1 if one of them is left out, with the reason beside it.

An extension is code of whoever installed it, and runs with all your rights, as hatlab itself does. With
--no-extensions, or HATLAB_EXTENSIONS=off, hatlab uses none. `hatlab help extending` says how to write one.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from itertools import groupby
from typing import TYPE_CHECKING

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.open_settings import add_extensions_option

if TYPE_CHECKING:
    from hatlab.commands.support.extension_list import ListedExtension

EXAMPLE = """
hatlab extensions
hatlab extensions --json | jq 'select(.works | not)'
"""


def configure(parser: ArgumentParser) -> None:
    add_json_option(parser, "print one JSON object per line")
    add_extensions_option(parser)


def run(args: Namespace) -> int:
    from hatlab.commands.support.extension_list import list_extensions
    from hatlab.registry import are_wanted

    listed = list_extensions()
    if args.json:
        for each in listed:
            print_json(each.to_data())
    elif not are_wanted():
        sys.stdout.write("Extensions are turned off.\n")
    elif not listed:
        sys.stdout.write("No extension is installed. `hatlab help extending` says how to write one.\n")
    else:
        sys.stdout.write(_format(listed))
    return 0 if all(each.works for each in listed) else 1


def _format(listed: list[ListedExtension]) -> str:
    """Return the extensions by package."""
    width = max(len(each.name) for each in listed)
    lines: list[str] = []
    for (package, version), group in groupby(listed, key=lambda each: (each.package, each.package_version)):
        lines.append(f"{package} {version}")
        for each in group:
            mark = "✔" if each.works else "✖"
            lines.append(f"  {mark} {each.kind:<9}  {each.name:<{width}}  {each.text}")
            lines += [f"    → {each.cure}"] if each.cure else []
    return "\n".join(lines) + "\n"
