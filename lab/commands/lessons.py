"""Lists the lessons and how far you are in them; exports, imports or resets that progress."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from lab.errors import UserError

if TYPE_CHECKING:
    from lab.lessons.notebook import Notebook

EXAMPLE = """
hatlab lessons
hatlab lessons --export progress.json       to take to another machine: there, --import it
hatlab lessons --reset kill-mysqld
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="an object a lesson, one a line")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument(
        "--export", metavar="FILE", type=Path, help="write your progress to a file, - for stdout"
    )
    doing.add_argument("--import", dest="take", metavar="FILE", type=Path, help="take over such a file")
    doing.add_argument("--reset", metavar="LESSON", help="begin a lesson anew, or `all`")


def run(args: Namespace) -> int:
    from lab.commands.learn import open_notebook

    notebook = open_notebook()
    if args.export:
        return _export(args.export, notebook.text())
    if args.take:
        count = notebook.take(args.take)
        sys.stdout.write(f"taken over: {count} lessons\n")
        return 0
    if args.reset:
        if args.reset != "all" and args.reset not in notebook.lessons:
            raise UserError(f"there is no progress in {args.reset!r}", "hatlab lessons; or: --reset all")
        notebook.forget(None if args.reset == "all" else args.reset)
        sys.stdout.write("begun anew\n")
        return 0
    return _list(notebook, as_json=args.json)


def _export(path: Path, text: str) -> int:
    if str(path) == "-":
        sys.stdout.write(text)
        return 0
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}") from None
    sys.stdout.write(f"{path}: your progress\n")
    return 0


def _list(notebook: Notebook, *, as_json: bool) -> int:
    from lab.lessons.library import lessons
    from lab.lessons.shelf import mark

    minutes = 0
    for number, each in enumerate(lessons(), 1):
        if each.lesson is None:
            first = next(f for f in each.findings if f.severity == "error")
            sys.stderr.write(f"hatlab: {each.path}:{first.line}:{first.column}: {first.message}\n")
            continue
        front = each.lesson.front
        if as_json:
            data = {
                "id": front.id,
                "title": front.title,
                "minutes": front.minutes,
                "language": front.language,
                "topology": front.topology,
                "needs": list(front.needs),
                "progress": notebook.lessons.get(front.id),
            }
            sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
            continue
        minutes += front.minutes
        done = mark(notebook, front.id)
        sys.stdout.write(f"{done} {number:>2}  {front.id:<28} {front.title}  ({front.minutes} min)\n")
    if not as_json:
        sys.stdout.write(f"\n✔ finished, ▶ begun. In all {minutes} minutes. The next one: hatlab learn\n")
    return 0
