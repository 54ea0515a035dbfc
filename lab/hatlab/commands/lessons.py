"""List the lessons and your progress, or export, import or reset that progress.

With --class it sums up what many learners exported.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.lesson_options import open_library, open_progress_file
from hatlab.commands.support.open_settings import add_setting_options
from hatlab.commands.support.output import write_export
from hatlab.errors import UserError
from hatlab.util.paths import hatlab_command
from hatlab.util.text import plural

if TYPE_CHECKING:
    from hatlab.lessons.library.catalogue import Catalogue, CatalogueEntry
    from hatlab.lessons.records.progress_file import ProgressFile

EXAMPLE = """
hatlab lessons
hatlab lessons course/                      the lessons of an instructor's folder
HATLAB_LESSONS=course hatlab lessons        a folder's lessons first, in every command
hatlab lessons --export progress.json       take your progress to another machine, and --import it there
hatlab lessons --class handed-in/*.json     what thirty learners have done, and what they got wrong
hatlab lessons --reset kill-mysqld
"""

MISSED = 10
"""Questions that a class is told it missed."""
OURS = "hatlab"
"""What the shipped lessons are called beside others."""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="?", metavar="FOLDER", type=Path, help="a folder of lessons (default: all lessons)"
    )
    add_json_option(parser, "print one JSON object per lesson and line")
    add_setting_options(parser, "language", "lessons")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument(
        "--export", metavar="FILE", type=Path, help="write your progress to a file (- for stdout)"
    )
    doing.add_argument(
        "--import", dest="take", metavar="FILE", type=Path, help="read progress from such a file"
    )
    doing.add_argument("--reset", metavar="LESSON", help="forget the progress in a lesson, or in `all`")
    doing.add_argument(
        "--class",
        dest="together",
        metavar="FILE",
        type=Path,
        nargs="+",
        help="show what a class has done: exported files, one per learner",
    )


def run(args: Namespace) -> int:
    from hatlab.lessons.library.catalogue import Catalogue

    if args.together:
        return _report_class(args.together, as_json=args.json)
    progress_file = open_progress_file()
    if args.export:
        return write_export(args.export, progress_file.to_json(), "your progress", as_json=args.json)
    if args.take:
        count = progress_file.merge_from(args.take)
        if args.json:
            print_json({"imported": count})
        else:
            sys.stdout.write(plural(count, "{count} lesson imported\n", "{count} lessons imported\n"))
        return 0
    if args.reset:
        if args.reset != "all" and args.reset not in progress_file.records:
            raise UserError(
                f"there is no progress in {args.reset!r}", "hatlab lessons lists them; or use --reset all"
            )
        progress_file.reset(None if args.reset == "all" else args.reset)
        if args.json:
            print_json({"reset": args.reset})
        else:
            sys.stdout.write("progress cleared\n")
        return 0
    library = open_library(*([args.folder] if args.folder else []), language=args.language)
    catalogue = Catalogue(library, progress_file)
    learn = f"{hatlab_command()} learn"
    if args.folder:
        return _list_lessons(catalogue, library.folders[:1], f"{learn} {args.folder}", as_json=args.json)
    return _list_lessons(catalogue, library.folders, learn, as_json=args.json)


def _report_class(paths: list[Path], *, as_json: bool) -> int:
    """Print what a class has done, and what it got wrong most."""
    from dataclasses import asdict

    from hatlab.lessons.records.class_report import learner_rows, missed_questions, read_learners

    learners = read_learners(paths)
    rows, missed = learner_rows(learners), missed_questions(learners)
    if as_json:
        data = {"learners": [asdict(row) for row in rows], "missed": [asdict(row) for row in missed]}
        print_json(data)
        return 0
    name = max(7, *(len(row.name) for row in rows))
    sys.stdout.write(f"{'learner':<{name}}  finished  started  right at once  hints\n")
    for row in rows:
        right = f"{row.right} of {row.asked}"
        sys.stdout.write(
            f"{row.name:<{name}}  {row.finished:>8}  {row.begun:>7}  {right:>13}  {row.hints:>5}\n"
        )
    if missed:
        sys.stdout.write("\nMost often wrong:\n")
    for question in missed[:MISSED]:
        answer = f": {question.said}" if question.said else ""
        place = f"{question.lesson}, {question.question}"
        sys.stdout.write(f"  {question.wrong} of {question.asked}  {place}{answer}\n")
    return 0


def _list_lessons(catalogue: Catalogue, folders: Sequence[Path], learn: str, *, as_json: bool) -> int:
    """List the lessons of folders, and tell of those with mistakes; `learn` takes the next one."""
    entries: list[CatalogueEntry] = []
    for folder in folders:
        files = catalogue.library.read_lessons(folder)
        entries += catalogue.to_entries(folder, files)
        for file in files:
            if file.lesson is None:
                error = next(finding for finding in file.findings if finding.severity == "error")
                sys.stderr.write(f"hatlab: {file.path}:{error.line}:{error.column}: {error.message}\n")
    if as_json:
        for entry in entries:
            print_json(_entry_data(entry, catalogue.progress_file))
        return 0
    width = get_terminal_size().columns if sys.stdout.isatty() else None
    courses = groupby(entries, key=lambda entry: entry.course)
    for number, (course, inside) in enumerate(courses):
        if course or number:
            sys.stdout.write(f"{chr(10) if number else ''}{course or OURS}\n")
        sys.stdout.write("".join(_format_entry(entry, width) for entry in inside))
    minutes = sum(entry.lesson.front.minutes for entry in entries)
    sys.stdout.write(f"\n✔ finished, ▶ started. {minutes} minutes in all. To take the next lesson: {learn}\n")
    return 0


def _format_entry(entry: CatalogueEntry, width: int | None) -> str:
    """Return one lesson as one line of a terminal."""
    front = entry.lesson.front
    line = f"{entry.mark} {entry.number:>2}  {front.minutes:>2} min  {front.id:<27} {front.title}"
    return (line if width is None or len(line) <= width else f"{line[: width - 1]}…") + "\n"


def _entry_data(entry: CatalogueEntry, progress_file: ProgressFile) -> dict[str, Any]:
    front = entry.lesson.front
    return {
        "id": front.id,
        "title": front.title,
        "minutes": front.minutes,
        "language": front.language,
        "topology": front.topology,
        "needs": list(front.needs),
        "course": entry.course or None,
        "file": str(entry.file),
        "progress": progress_file.records.get(front.id),
    }
