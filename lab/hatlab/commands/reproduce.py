"""Run an incident again: find the faults that explain a recording, play them in a lab, and compare.

The faults are inferred from what was seen: states, adverts, addresses, logs. What a recording says was done
to a lab is not looked at, unless you trust it with --trust-actions. Where several explanations fit, all are
tried on the simulator, and the one that agrees best is kept.

The exit code is 0 if the run took the same course, 1 if it differs, and 2 for a mistake.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.progress import progress_bar
from hatlab.errors import LabError, UserError
from hatlab.util.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatlab import events as e
    from hatlab.incident.reproduce.search import Reproduction

EXAMPLE = """
hatlab reproduce incident.jsonl
hatlab reproduce incident.jsonl -o again/            writes the topology, the script and the run
hatlab reproduce incident.jsonl --engine docker      the best explanation again, on real keepalived
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="a recording")
    parser.add_argument(
        "--engine",
        choices=("sim", "docker"),
        default="sim",
        help="where the best explanation is run in the end (default: sim)",
    )
    parser.add_argument(
        "--trust-actions", action="store_true", help="take the faults from the recording's actions"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FOLDER",
        type=Path,
        help="write topology.yaml, script.txt and run.jsonl there",
    )
    parser.add_argument("--force", action="store_true", help="replace files in FOLDER")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the whole comparison too")
    add_json_option(parser)


def run(args: Namespace) -> int:
    from hatlab.commands.support.lifecycle import ending_on_signals
    from hatlab.commands.support.output import print_note
    from hatlab.engine.replay.recording_reader import RecordingReader
    from hatlab.incident.reproduce.report import report_lines, to_document
    from hatlab.incident.reproduce.search import Search, run_faults
    from hatlab.incident.reproduce.seen import Seen

    recording = RecordingReader(args.file)
    try:
        seen = Seen(event for _, event in recording.read())
    finally:
        recording.close()
    if args.output is not None:
        _check_folder(args.output, force=args.force)
    episodes = None
    if args.trust_actions:
        from hatlab.incident.reproduce.rules.trusted import from_actions

        episodes = list(from_actions(seen))
    with ending_on_signals(), progress_bar() as bar:
        found = Search(seen, episodes, lambda what: bar.show(Work(f"trying {what}", 0))).run()
        comparison, events = found.best.comparison, found.best.trial.events
        if args.engine == "docker":
            bar.show(Work("trying the best one on Docker", 0))
            best = found.best
            trial, comparison = run_faults(
                seen, found.incident, found.topology, best.faults, best.lead, "docker"
            )
            events = trial.events
    if args.output is not None:
        _write_folder(args.output, found, events, str(args.file))
        print_note(
            f"wrote {args.output}: hatlab start {args.output}/topology.yaml --script {args.output}/script.txt"
        )
    if args.json:
        print_json(to_document(found, comparison))
    else:
        names = str(args.file), f"the run on {args.engine}"
        lines = report_lines(found, comparison, names, details=args.verbose)
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0 if comparison.same else 1


_RUN = "run.jsonl"


def _check_folder(folder: Path, *, force: bool) -> None:
    """Raise UserError if writing there would replace something that was not asked for."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is not a folder", "name a folder with -o FOLDER")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise UserError(
            f"{folder} is not empty", "use --force to replace what is there, or name another folder"
        )


def _write_folder(folder: Path, found: Reproduction, events: Iterable[e.Event], source: str) -> None:
    """Write topology, script and recording.

    Raises:
        LabError: the disk refuses.
    """
    from hatlab.events import to_json
    from hatlab.incident.reproduce.timetable import files_of
    from hatlab.util.files import replacing

    texts = dict(files_of(found.seen, found.topology, found.best.faults, found.best.lead, source))
    texts[_RUN] = "".join(f"{to_json(event)}\n" for event in events)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            with replacing(folder / name, 0o600) as out:
                out.write(text.encode())
    except OSError as error:
        raise LabError(
            f"cannot write to {folder}: {error.strerror}",
            "check that there is space, and that you may write there",
        ) from None
