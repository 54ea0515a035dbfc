"""Measures hatlab here: python -m tests.benchmarks [PART …] [-- PROGRAM …]

Parts: help, captures, codec, life, naive, first, forms, imports, keys, lessons, page, replay, screen,
simulator, sixteen; without one, all.
Programs after `--` are timed beside `hatlab --help`. Prints Markdown table rows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from tests.benchmarks import (
    captures,
    codec,
    commands,
    first_screen,
    forms,
    imports,
    keys,
    lessons,
    naive,
    page,
    replay,
    screen,
    simulator,
    sixteen,
)


def main(arguments: list[str]) -> None:
    names, others = arguments, []
    if "--" in arguments:
        cut = arguments.index("--")
        names, others = arguments[:cut], arguments[cut + 1 :]
    parts: dict[str, Callable[[], Iterable[str]]] = {
        "help": lambda: commands.help_times(*others),
        "captures": captures.rows,
        "codec": lambda: [f"| codec | {codec.main()} |"],
        "life": commands.lives,
        "naive": naive.rows,
        "first": first_screen.rows,
        "forms": forms.rows,
        "imports": imports.rows,
        "keys": keys.rows,
        "lessons": lessons.rows,
        "page": page.rows,
        "replay": replay.rows,
        "screen": screen.rows,
        "simulator": simulator.rows,
        "sixteen": sixteen.rows,
    }
    for name in names or parts:
        for row in parts[name]():
            print(row, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
