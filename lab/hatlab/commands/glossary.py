"""Explains the words of the lessons: one of them, or a list of all."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from shutil import get_terminal_size

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.lesson_options import open_library

EXAMPLE = """
hatlab glossary
hatlab glossary skew
hatlab glossary gratuitous ARP
hatlab glossary --json                 one JSON object per term and line
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "word", nargs="*", metavar="WORD", help="a term, or the start of one (default: all terms)"
    )
    add_json_option(parser, "print one JSON object per term and line")


def run(args: Namespace) -> int:
    from hatlab.lessons.glossary import load_glossary
    from hatlab.text.glossary_lines import answer_glossary_query

    glossary = load_glossary(open_library().folders)
    if args.json:
        from dataclasses import asdict

        terms = [glossary.find(" ".join(args.word))] if args.word else glossary.terms
        for term in terms:
            print_json(asdict(term))
        return 0
    width = get_terminal_size().columns if sys.stdout.isatty() else None
    sys.stdout.writelines(f"{line}\n" for line in answer_glossary_query(glossary, args.word, width))
    return 0
