"""Make a recording of an incident from what its nodes left: logs, captures, configurations.

Give keepalived's log in any form (a journal, syslog, docker logs), captures (pcap, pcapng, or what tcpdump
printed), what ip monitor printed, mysqld's error log, and the configurations, each with the node that it is
of; or one folder a node. hatlab tells what is what by its content, and sets the clocks of the nodes right.
Files are read, and nothing is sent anywhere.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hatlab.commands.support.json_output import add_json_option
from hatlab.commands.support.progress import ProgressBar, progress_bar
from hatlab.errors import UserError
from hatlab.util.work import Work

if TYPE_CHECKING:
    from hatlab.incident.brought import BroughtFile

EXAMPLE = """
hatlab import db1/ db2/                          a folder a node, called after it
hatlab import db1=messages db2=journal.txt.gz db1=vip.pcap
hatlab import db1/ db2/ --from 03:10 --to 03:15  only these minutes
hatlab replay incident.jsonl
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="[NODE=]FILE", help="a file or folder, and the node that it comes from"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        type=Path,
        default=Path("incident.jsonl"),
        help="the recording to write (default: incident.jsonl)",
    )
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")
    parser.add_argument(
        "--from", dest="begin", metavar="TIME", help="leave out what is earlier: 03:10, or a date and a time"
    )
    parser.add_argument("--to", dest="end", metavar="TIME", help="leave out what is later")
    parser.add_argument(
        "--tz",
        metavar="ZONE",
        help="the zone of times that name none: Europe/Berlin (default: this machine's)",
    )
    parser.add_argument(
        "--clock",
        action="append",
        default=[],
        metavar="NODE=SECONDS",
        help="how far a node's clock was ahead, if you know it better than hatlab",
    )
    add_json_option(parser)


def run(args: Namespace) -> int:
    from hatlab.commands.support.incident_files import read_clocks, read_window, write_recording
    from hatlab.commands.support.incident_report import print_report
    from hatlab.incident.brought import find_files
    from hatlab.incident.recording import import_incident
    from hatlab.incident.sources import find_zone

    out: Path = args.output
    if out.exists() and not args.force:
        raise UserError(f"{out} exists", "use --force to replace it, or -o OUT for another name")
    zone = find_zone(args.tz) if args.tz else None
    files = find_files(args.files)
    with progress_bar() as bar:
        incident = import_incident(
            files,
            name=out.stem[:40] or "incident",
            zone=zone,
            window=read_window(args.begin, args.end, zone),
            clocks=read_clocks(args.clock),
            on_progress=_Progress(files, bar),
        )
        summary = write_recording(incident, out)
    print_report(incident, summary, out, as_json=args.json)
    return 0


class _Progress:
    """Shows which file is read, or written of, and how many bytes of all files that were before it.

    Args:
        files: what is imported; each is read twice.
        bar: where it is shown.
    """

    def __init__(self, files: Sequence[BroughtFile], bar: ProgressBar) -> None:
        self._total = 2 * sum(file.path.stat().st_size for file in files)
        self._bar, self._done, self._current = bar, 0, 0

    def __call__(self, what: str, file: BroughtFile) -> None:
        self._done += self._current
        self._current = file.path.stat().st_size
        doing = f"reading {file.name}" if what == "read" else f"writing what {file.name} says"
        self._bar.show(Work(doing, self._done, self._total, "bytes"))
