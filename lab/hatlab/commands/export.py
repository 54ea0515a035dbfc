"""Export a recording as a capture for Wireshark, an HTML report, an asciinema cast or JSON."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from hatlab.commands.support.json_output import add_json_option, print_json, refuse_on_stdout
from hatlab.commands.support.progress import ProgressBar, progress_bar
from hatlab.errors import LabError, UserError
from hatlab.util.files import replacing
from hatlab.util.work import Work

if TYPE_CHECKING:
    from hatlab.engine.replay.recording_reader import RecordingReader
    from hatlab.events import Event
    from hatlab.state.steps import Step

EXAMPLE = """
hatlab export run.jsonl --to html                writes run.html
hatlab export run.jsonl --to pcapng -o x.pcapng  for Wireshark, with transitions as packet comments
hatlab export run.jsonl --to json -o -           to stdout
"""


def configure(parser: ArgumentParser) -> None:
    from hatlab.export import FORMS

    parser.add_argument(
        "file", metavar="FILE", type=Path, nargs="?", help="a recording (default: the last run)"
    )
    parser.add_argument(
        "--to", metavar="FORM", choices=FORMS, required=True, help="pcapng, html, cast or json"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="the file to write, - for stdout (default: FILE's name in this folder)",
    )
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")
    add_json_option(parser, "print one JSON object that says what was written")


def run(args: Namespace) -> int:
    from hatlab.commands.support.output import print_note
    from hatlab.commands.support.recordings import find_last_recording
    from hatlab.engine.replay.recording_reader import RecordingReader
    from hatlab.state.steps import derive_steps

    if args.output == "-" and args.json:
        raise refuse_on_stdout("the export")
    file = args.file or find_last_recording()
    recording = RecordingReader(file)
    with progress_bar() as bar:
        steps = derive_steps(_read_facts(recording, file, bar))
        path = _write_export(args, file, steps)
    if path is not None and args.json:
        print_json(_result(args.to, file, path, recording))
    elif path is not None:
        print_note(f"wrote {path} ({_format_size(path)})")
    for error in list(recording.unreadable.values())[:5]:
        print_note(f"{error.message}; the rest was exported")
    if len(recording.unreadable) > 5:
        print_note(f"{len(recording.unreadable) - 5} more lines could not be read")
    recording.close()
    return 0


def _read_facts(recording: RecordingReader, file: Path, bar: ProgressBar) -> Iterator[Event]:
    """Yield a recording's facts, and show how much of its file is read."""
    size = file.stat().st_size
    for offset, event in recording.read():
        yield event
        bar.show(Work(f"exporting {file}", min(offset.byte, size), size, "bytes"))


def _write_export(args: Namespace, file: Path, steps: Iterator[Step]) -> Path | None:
    """Write to the file that is asked for, and return its path; None if that is stdout."""
    from hatlab.export import FORMS

    form = FORMS[args.to]
    if args.output == "-":
        form.write(sys.stdout.buffer, steps)
        return None
    path = Path(args.output or file.with_suffix(form.suffix).name)
    with _open_output(path, file, force=args.force) as out:
        form.write(out, steps)
    return path


def _result(form: str, file: Path, path: Path, recording: RecordingReader) -> dict[str, Any]:
    unreadable = [error.message for error in recording.unreadable.values()]
    size = path.stat().st_size
    return {"recording": str(file), "to": form, "file": str(path), "bytes": size, "unreadable": unreadable}


@contextmanager
def _open_output(path: Path, source: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """Open a file to write, which gets its name only once it is whole.

    Raises:
        UserError: it is there already, or is the recording itself.
        LabError: it cannot be written; nothing is left of it.
    """
    try:
        exists = path.exists()
        if exists and source.exists() and path.samefile(source):
            raise UserError(f"{path} is the recording itself", "choose another name with -o OUT")
        if path.is_dir():
            raise UserError(f"{path} is a folder", "name a file with -o OUT")
        if path.is_file() and not force:
            raise UserError(f"{path} exists", "use --force to replace it, or -o OUT for another name")
        with replacing(path, 0o600) as out:
            yield out
    except OSError as error:
        raise LabError(
            f"cannot write {path}: {error.strerror}",
            "check that there is space, and that you may write there",
        ) from None


def _format_size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{size / 1024:.0f} kB"
