"""Run an incident again: find the faults that explain a recording, play them in a lab, and compare.

The faults are inferred from what was seen: states, adverts, addresses, logs. What a recording says was done
to a lab is not looked at, unless you trust it with --trust-actions. Where several explanations fit, all are
tried on the simulator, and the one that agrees best is kept.

The exit code is 0 if the run took the same course, 1 if it differs, and 2 for a mistake; with --cure, 0 if
the changed configurations make something better and nothing worse, else 1.
"""

from __future__ import annotations

import itertools
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.progress import progress_bar
from hatlab.errors import LabError, UserError
from hatlab.util.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hatlab import events as e
    from hatlab.incident.reproduce.cure import Cure
    from hatlab.incident.reproduce.search import Reproduction

EXAMPLE = """
hatlab reproduce incident.jsonl
hatlab reproduce incident.jsonl -o again/            writes the topology, the script and the run
hatlab reproduce incident.jsonl --engine docker      the best explanation again, on real keepalived
hatlab reproduce incident.jsonl --cure db1=new.conf db2=new.conf
                                                     would this have prevented it?
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
        help="write topology.yaml, script.txt and run.jsonl there; with --cure cured.yaml, before.jsonl and "
        "after.jsonl, too",
    )
    parser.add_argument(
        "--cure",
        metavar="FILE",
        nargs="+",
        default=[],
        help="changed configurations, NODE=FILE or a folder a node: play the same faults with them, and say "
        "what they would have changed",
    )
    parser.add_argument("--force", action="store_true", help="replace files in FOLDER")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the whole comparison too")
    add_json_option(parser)


def run(args: Namespace) -> int:
    from hatlab.commands.support.lifecycle import ending_on_signals
    from hatlab.commands.support.output import print_note
    from hatlab.engine.replay.recording_reader import RecordingReader
    from hatlab.incident.reproduce.report import cure_lines, report_lines, to_document
    from hatlab.incident.reproduce.search import Search, run_faults
    from hatlab.incident.reproduce.seen import Seen

    changed = _read_changed(args.cure)
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
        cure = None
        if changed:
            from hatlab.incident.reproduce.cure import try_cure

            bar.show(Work("trying the changed configurations", 0))
            cure = try_cure(found, changed, args.engine)
    if args.output is not None:
        _write_folder(args.output, found, events, str(args.file), cure)
        folder = args.output
        seed = f" --seed {found.best.seed}" if found.best.seed else ""
        print_note(f"wrote {folder}: hatlab start {folder}/topology.yaml --script {folder}/script.txt{seed}")
        if cure is not None:
            print_note(f"before and after: hatlab compare {folder}/{_BEFORE} {folder}/{_AFTER} --screen")
    if args.json:
        print_json(to_document(found, comparison, cure))
    else:
        names = str(args.file), f"the run on {args.engine}"
        lines = report_lines(found, comparison, names, details=args.verbose)
        if cure is not None:
            lines = itertools.chain(lines, [""], cure_lines(cure))
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    if cure is not None:
        return 0 if cure.holds else 1
    return 0 if comparison.same else 1


def _read_changed(words: Sequence[str]) -> dict[str, str]:
    """Return node → its changed configuration."""
    if not words:
        return {}
    from hatlab.incident.brought import find_files
    from hatlab.incident.reproduce.cure import read_changed

    return read_changed(find_files(words))


_RUN, _BEFORE, _AFTER, _CURED = "run.jsonl", "before.jsonl", "after.jsonl", "cured.yaml"


def _check_folder(folder: Path, *, force: bool) -> None:
    """Raise UserError if writing there would replace something that was not asked for."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is not a folder", "name a folder with -o FOLDER")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise UserError(
            f"{folder} is not empty", "use --force to replace what is there, or name another folder"
        )


def _write_folder(
    folder: Path, found: Reproduction, events: Iterable[e.Event], source: str, cure: Cure | None
) -> None:
    """Write topology, script and recording.

    Raises:
        LabError: the disk refuses.
    """
    from hatlab.incident.reproduce.timetable import files_of, format_topology
    from hatlab.util.files import replacing

    exact, best = found.as_seen(), found.best
    as_seen = exact[0].faults if exact is not None else ()
    texts = dict(files_of(found.seen, found.topology, best.faults, best.lead, source, as_seen))
    texts[_RUN] = _recording(events)
    if cure is not None:
        texts[_CURED] = format_topology(cure.topology)
        texts[_BEFORE], texts[_AFTER] = _recording(cure.before.events), _recording(cure.after.events)
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


def _recording(events: Iterable[e.Event]) -> str:
    from hatlab.events import to_json

    return "".join(f"{to_json(event)}\n" for event in events)
