"""Compare two recordings: before and after a change, an incident and its reproduction, two engines.

The first line says whether both took the same course, and what differs most if they did not. Both are laid
over one another at the first fault that both have, else at the first transition, else at the moment at
which the labs were ready; --align chooses. Nodes are matched by name, and else by priority; --map chooses.

The exit code is 0 if nothing differs, 1 if something does, and 2 for a mistake.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.commands.support.json_output import add_json_option, print_json, refuse_beside_json
from hatlab.commands.support.open_settings import add_setting_options
from hatlab.compare.sequence import WITHIN
from hatlab.errors import UserError
from hatlab.settings.effective import current_settings
from hatlab.util.terminal import can_show_screen

if TYPE_CHECKING:
    from collections.abc import Collection

    from hatlab.compare.comparison import Comparison
    from hatlab.compare.course import Course

EXAMPLE = """
hatlab compare before.jsonl after.jsonl
hatlab compare before.jsonl after.jsonl --screen        both timelines, one over the other
hatlab compare incident.jsonl run.jsonl --map db1=node-a --align 1:02.5=0:12 --within 1
"""
_LONGEST = 3600.0


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("first", metavar="A", type=Path, help="a recording")
    parser.add_argument("other", metavar="B", type=Path, help="the recording to compare with it")
    parser.add_argument(
        "--align",
        metavar="WHERE",
        default="",
        help="fault, first (transition), ready, or MOMENT_IN_A=MOMENT_IN_B (default: the first of these that "
        "both have)",
    )
    parser.add_argument(
        "--map",
        metavar="A=B",
        action="append",
        default=[],
        help="the node of A and the node of B that stands for it; repeatable",
    )
    parser.add_argument(
        "--within",
        metavar="SECONDS",
        type=float,
        default=WITHIN,
        help=f"by how much times may differ (default: {WITHIN:g})",
    )
    add_json_option(parser, "print the comparison as one JSON object")
    parser.add_argument("--screen", action="store_true", help="show both timelines in the terminal")
    add_setting_options(parser, "theme", "ascii", "keys")


def run(args: Namespace) -> int:
    from hatlab.compare.comparison import compare_courses
    from hatlab.compare.document import to_document
    from hatlab.compare.strangers import find_strangers
    from hatlab.compare.words import comparison_lines

    refuse_beside_json(args, "screen")
    if not 0 <= args.within <= _LONGEST:
        raise UserError(f"--within {args.within:g} is not a number of seconds", "for example: --within 0.25")
    first, other = read_recording(args.first), read_recording(args.other)
    if strangers := find_strangers(first, other):
        other = read_recording(args.other, strangers)
    if strangers := find_strangers(other, first):
        first = read_recording(args.first, strangers)
    comparison = compare_courses(first, other, align_at=args.align, within=args.within, same_names=args.map)
    if args.screen:
        return _show(comparison, (str(args.first), str(args.other)))
    if args.json:
        print_json(to_document(comparison))
    else:
        names = str(args.first), str(args.other)
        sys.stdout.write("".join(f"{line}\n" for line in comparison_lines(comparison, names)))
    return 0 if comparison.same else 1


def read_recording(path: Path, strangers: Collection[str] = ()) -> Course:
    """Read a recording to its end, and note what of it cannot be read.

    Args:
        strangers: nodes that are left out.

    Raises:
        UserError: it is no recording.
    """
    from hatlab.commands.support.output import print_note
    from hatlab.compare.course import read_course
    from hatlab.compare.strangers import without_nodes
    from hatlab.engine.replay.recording_reader import RecordingReader
    from hatlab.state.steps import derive_steps

    recording = RecordingReader(path)
    try:
        course = read_course(derive_steps(without_nodes((event for _, event in recording.read()), strangers)))
    finally:
        recording.close()
    for error in list(recording.unreadable.values())[:5]:
        print_note(f"{error.message}; the rest was compared")
    return course


def _show(comparison: Comparison, names: tuple[str, str]) -> int:
    if not can_show_screen(os.environ):
        raise UserError("--screen needs a terminal", "leave it out to get the comparison as text")
    from hatlab.tui.comparison import run_comparison
    from hatlab.tui.widgets.theme_choice import check_theme

    settings = current_settings()
    check_theme(settings)
    if settings["keys"]:
        from hatlab.tui.keymap import check_keymap

        check_keymap(settings)
    run_comparison(comparison, names, settings)
    return 0 if comparison.same else 1
