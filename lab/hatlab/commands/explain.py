"""Write the story of a recording for a ticket: what happened, when and why, and what is not known.

Works on an incident that was imported and on a run of a lab. Each cause comes with its rule, the sum behind
it, the line of keepalived.conf and the place in the log or capture that says it.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from hatlab.commands.support.json_output import add_json_option, print_json, refuse_beside_json

EXAMPLE = """
hatlab explain incident.jsonl
hatlab explain incident.jsonl --at 03:12:21      why did that happen?
hatlab explain incident.jsonl -o ticket.md       as Markdown
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", type=Path, nargs="?", help="a recording (default: the last run)"
    )
    parser.add_argument("--at", metavar="MOMENT", help="what happened around then: 03:12:21, or 1:23.4")
    parser.add_argument("--from", dest="begin", metavar="MOMENT", help="leave out what is earlier")
    parser.add_argument("--to", dest="end", metavar="MOMENT", help="leave out what is later")
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, help="the file to write, as Markdown")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    add_json_option(parser)


def run(args: Namespace) -> int:
    from hatlab.commands.support.moments import read_moment
    from hatlab.commands.support.output import print_note, write_export
    from hatlab.commands.support.recordings import find_last_recording
    from hatlab.engine.replay.recording_reader import RecordingReader
    from hatlab.incident.story import tell_story
    from hatlab.incident.story_document import to_document
    from hatlab.incident.story_text import to_markdown, to_text
    from hatlab.state.model import run_clock

    refuse_beside_json(args, "output", "markdown")
    recording = RecordingReader(args.file or find_last_recording())
    clock = run_clock(recording.lab.engine, recording.lab.started)
    story = tell_story(
        (event for _, event in recording.read()),
        at=read_moment("--at", args.at, clock),
        begin=read_moment("--from", args.begin, clock),
        end=read_moment("--to", args.end, clock),
    )
    for error in recording.unreadable.values():
        print_note(f"{error.message}; the rest is told")
    recording.close()
    if args.json:
        print_json(to_document(story))
        return 0
    if args.output is not None:
        return write_export(args.output, to_markdown(story), "the story, as Markdown")
    sys.stdout.write(to_markdown(story) if args.markdown else to_text(story))
    return 0
