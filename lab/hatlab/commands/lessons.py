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
from hatlab.commands.support.output import print_note, write_export
from hatlab.errors import UserError
from hatlab.util.paths import hatlab_command
from hatlab.util.text import plural

if TYPE_CHECKING:
    from hatlab.lessons.library.catalogue import Catalogue, CatalogueEntry
    from hatlab.lessons.records.class_report import LearnerRow
    from hatlab.lessons.records.progress_file import ProgressFile

EXAMPLE = """
hatlab lessons
hatlab lessons course/                      the lessons of an instructor's folder
HATLAB_LESSONS=course hatlab lessons        a folder's lessons first, in every command
hatlab lessons --export progress.json       take your progress to another machine, and --import it there
hatlab lessons --class handed-in/           what thirty learners have done, and where they are stuck
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
        help="show what a class has done, and where each learner is: exported files, or folders "
        "in which each folder is a learner",
    )


def run(args: Namespace) -> int:
    from hatlab.lessons.library.catalogue import Catalogue

    if args.together:
        return _report_class(args)
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


def _report_class(args: Namespace) -> int:
    """Print what a class has done, where each learner is, and what they got wrong most.

    Return 1 if a file cannot be read; what the others say is printed all the same.
    """
    from dataclasses import asdict

    from hatlab.commands.support.graded_lessons import lesson_by_id
    from hatlab.lessons.records.class_report import (
        find_doubts,
        learner_rows,
        missed_questions,
        read_learners,
    )

    learners, errors = read_learners(args.together)
    library = open_library(*([args.folder] if args.folder else []), language=args.language)
    if args.folder:
        course = {file.lesson.id for file in library.read_lessons(library.folders[0]) if file.lesson}
        learners = {
            name: {lesson: record for lesson, record in records.items() if lesson in course}
            for name, records in learners.items()
        }
    rows, missed = learner_rows(learners), missed_questions(learners)
    doubts = find_doubts(learners, lesson_by_id(library))
    if args.json:
        print_json(
            {
                "learners": [asdict(row) for row in rows],
                "missed": [asdict(row) for row in missed],
                "doubts": [{"learner": name, "text": text} for name, text in doubts],
                "unreadable": [{"file": str(file), "message": errors[file].message} for file in errors],
            }
        )
        return 1 if errors else 0
    for error in errors.values():
        print_note(error.in_one_line)
    _print_rows(rows)
    if missed:
        sys.stdout.write("\nMost often wrong:\n")
    for question in missed[:MISSED]:
        answer = f": {question.said}" if question.said else ""
        place = f"{question.lesson}, {question.question}"
        sys.stdout.write(f"  {question.wrong} of {question.asked}  {place}{answer}\n")
    if doubts:
        sys.stdout.write("\nThis does not fit:\n")
    for name, text in doubts:
        sys.stdout.write(f"  {name}: {text}\n")
    return 1 if errors else 0


def _print_rows(rows: Sequence[LearnerRow]) -> None:
    """Print what each learner has done, and then where those are who have not finished."""
    from hatlab.describe.times import format_length

    width = max(7, *(len(row.name) for row in rows))
    sys.stdout.write(f"{'learner':<{width}}  finished  started  right at once  wrong  hints\n")
    for row in rows:
        right = f"{row.right} of {row.asked}"
        numbers = f"{row.finished:>8}  {row.begun:>7}  {right:>13}  {row.wrong:>5}  {row.hints:>5}"
        sys.stdout.write(f"{row.name:<{width}}  {numbers}\n")
    under_way = sorted((row for row in rows if row.lesson), key=lambda row: (-(row.seconds or 0.0), row.name))
    if under_way:
        sys.stdout.write("\nWhere they are, those who have been there longest first:\n")
    for row in under_way:
        place = f"{row.lesson}, step {row.step} of {row.steps}" + (f", {row.item}" if row.item else "")
        time = f" for {format_length(row.seconds)}" if row.seconds is not None else ""
        last = f", last seen {row.last[:16].replace('T', ' ')}" if row.last else ""
        sys.stdout.write(f"  {row.name:<{width}}  {place}{time}{last}\n")


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
