"""Show a page of the documentation, which this hatlab brings along, or the help of a command.

Without a topic it lists the pages. On a terminal a page opens in your pager (PAGER, or else less).
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from difflib import get_close_matches

from hatlab.commands import COMMANDS
from hatlab.commands.support.help_topics import topic_word, topics
from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.errors import UserError

EXAMPLE = """
hatlab help
hatlab help writing-lessons
hatlab help capture.md                a page that is called like a command, which comes first
hatlab help simulator > simulator.md  as Markdown
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "topic", nargs="?", metavar="TOPIC", help="a page or a command (default: list the pages)"
    )
    add_json_option(parser, "print one JSON object per page and line, or one with the text of a page")


def run(args: Namespace) -> int:
    if args.topic is None and args.json:
        for topic, title in topics().items():
            print_json({"topic": topic, "title": title})
        return 0
    if args.topic is None:
        sys.stdout.write(list_topics())
        return 0
    if args.topic in COMMANDS:
        from hatlab.commands.support.parsers import command_parser

        text = command_parser(args.topic).format_help()
        if args.json:
            print_json({"topic": args.topic, "text": text})
        else:
            sys.stdout.write(text)
        return 0
    from hatlab.commands.support.extension_pages import text_of_extensions
    from hatlab.commands.support.pager import show_markdown
    from hatlab.util.pages import find_pages, help_topic, page_text

    pages = find_pages()
    topic = help_topic(args.topic)
    if topic not in pages:
        guesses = get_close_matches(topic, [*pages, *COMMANDS], 1)
        hint = f"did you mean `hatlab help {guesses[0]}`?" if guesses else "`hatlab help` lists the pages"
        raise UserError(f"there is no page or command {args.topic!r}", hint)
    text = page_text(pages[topic], {name: topic_word(name) for name in pages}) + text_of_extensions(topic)
    if args.json:
        print_json({"topic": topic_word(topic), "text": text})
    else:
        show_markdown(text)
    return 0


def list_topics() -> str:
    """Return the list of the pages."""
    found = topics()
    width = max(map(len, found)) + 2
    lines = "".join(f"  {topic:<{width}}{title}\n" for topic, title in found.items())
    head = "To read a page: hatlab help TOPIC\nFor a command's options: hatlab COMMAND --help\n"
    return f"{head}\npages:\n{lines}"
