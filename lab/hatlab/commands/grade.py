"""Mark what learners did: take each lesson again from its recording, and say what does not fit.

Give the recordings of lessons, or folders with them: each folder inside is a learner. Answers, ticks, times
and hints come from the recording alone; a progress file is only compared.
"""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.lesson_options import open_library
from hatlab.commands.support.output import print_line
from hatlab.errors import UserError

if TYPE_CHECKING:
    from hatlab.classroom.marks.grade import ClassKeys, GradedStudent, StudentGrader, StudentMarks

_MUCH = 8_000_000
"""Bytes of recordings for which other processes are worth their start."""
_LONGEST_NAME = 60
"""Characters of a page's name: some disks take no more than 255 bytes."""
EXAMPLE = """
hatlab grade handed-in/                          a folder for each learner
hatlab grade anna.jsonl bruno.jsonl              one recording each
hatlab grade handed-in/ --csv marks.csv          for a spreadsheet
hatlab grade handed-in/ --pages marks/           a page for each learner
hatlab grade handed-in/ --lessons course/        lessons of your own
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "path", nargs="+", metavar="FILE", type=Path, help="recordings of lessons, or folders"
    )
    parser.add_argument("--lessons", metavar="FOLDER", type=Path, help="a folder of your own lessons")
    add_output_options(parser)
    add_json_option(parser, "print one JSON object for each learner")


def add_output_options(parser: ArgumentParser, note: str = "") -> None:
    """Add what marks can be written to; `note` stands before the help of each."""
    parser.add_argument(
        "--csv", metavar="FILE", type=Path, help=f"{note}write a table, a row for each lesson (- for stdout)"
    )
    parser.add_argument("--pages", metavar="FOLDER", type=Path, help=f"{note}write a page for each learner")


def run(args: Namespace) -> int:
    from hatlab.classroom.marks.grade import gather

    return write_marks(args, grade_everybody(gather(args.path), args.lessons))


def grade_everybody(
    students: Mapping[str, Sequence[Path]],
    lessons: Path | None,
    keys: Callable[[str], ClassKeys | None] = lambda _: None,
) -> list[StudentMarks]:
    """Grade students on every core, with a bar; return their marks in the order of their names.

    Args:
        students: name → files.
        lessons: a folder of lessons besides those that there are; None for none.
        keys: name → what the class knows; None for somebody of no class.
    """
    from hatlab.classroom.marks.grade import compare_students
    from hatlab.commands.support.processes import make_pool, results_in_order
    from hatlab.commands.support.progress import progress_bar
    from hatlab.util.work import Work

    open_library(*([lessons] if lessons else []))  # what is wrong with it is told here
    handed = [(name, students[name], keys(name)) for name in sorted(students)]
    is_much = sum(_size(file) for _, files, _ in handed for file in files) >= _MUCH
    graded: list[GradedStudent] = []
    with make_pool(worthwhile=is_much and len(handed) > 1) as pool, progress_bar() as bar:
        bar.show(Work("grading", 0, len(handed)))
        for each in results_in_order(pool, partial(_grade_one, lessons), handed):
            graded.append(each)
            bar.show(Work("grading", len(graded), len(handed)))
    return compare_students(graded)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _grade_one(lessons: Path | None, handed: tuple[str, Sequence[Path], ClassKeys | None]) -> GradedStudent:
    name, files, keys = handed
    return _grader(lessons).grade(name, files, keys)


@lru_cache(1)
def _grader(lessons: Path | None) -> StudentGrader:
    """Return what grades with the lessons of a folder: it has read those that it has met."""
    from hatlab.classroom.marks.grade import StudentGrader
    from hatlab.commands.support.graded_lessons import lesson_by_id, lesson_finder

    library = open_library(*([lessons] if lessons else []))
    return StudentGrader(lesson_finder(library), lesson_by_id(library))


def write_marks(args: Namespace, marks: Sequence[StudentMarks]) -> int:
    """Write marks where the options say, and else as a table; return the exit code.

    Raises:
        UserError: something cannot be written.
    """
    from hatlab.classroom.marks.report.data import to_csv, to_data
    from hatlab.classroom.marks.report.page import marks_page
    from hatlab.classroom.marks.report.table import format_table
    from hatlab.util.files import write_text

    if args.pages is not None:
        try:
            args.pages.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"cannot make {args.pages}: {error.strerror}", "name another folder") from None
        for name, student in zip(_page_names([each.name for each in marks]), marks, strict=True):
            write_text(args.pages / f"{name}.html", marks_page(student))
    if args.csv is not None and str(args.csv) != "-":
        write_text(args.csv, to_csv(marks))
    if args.json:
        for student in marks:
            print_json(to_data(student))
    elif str(args.csv) == "-":
        sys.stdout.write(to_csv(marks))
    else:
        for line in format_table(marks):
            print_line(line)
    return 0


def _page_names(students: Sequence[str]) -> list[str]:
    """Return a name of a file for each student; no two are the same, also where capitals do not count."""
    names: dict[str, str] = {}
    for student in students:
        name = plain = re.sub(r"[^\w.-]+", "_", student).lstrip(".")[:_LONGEST_NAME] or "_"
        number = 1
        while name.casefold() in names:
            number += 1
            name = f"{plain}-{number}"
        names[name.casefold()] = name
    return list(names.values())
