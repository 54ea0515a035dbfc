"""Mark what learners did: take each lesson again from its recording, and say what does not fit.

Give the recordings of lessons, or folders with them: each folder inside is a learner. Answers, ticks, times
and hints come from the recording alone; a progress file is only compared.
"""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.output import print_line
from hatlab.errors import UserError

if TYPE_CHECKING:
    from hatlab.classroom.marks.grade import StudentMarks

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
    from hatlab.commands.support.grading import grade_everybody

    return write_marks(args, grade_everybody(gather(args.path), args.lessons))


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
        for student in marks:
            name = re.sub(r"[^\w.-]+", "_", student.name) or "_"
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
