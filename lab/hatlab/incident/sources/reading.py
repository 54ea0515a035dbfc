"""Reads a source, whatever it is, into records; the only place that knows every reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from hatlab.capture_files import read_frames, to_ethernet
from hatlab.errors import CaptureError
from hatlab.incident.sources.configuration import MOST, is_configuration, is_script
from hatlab.incident.sources.dating import Dating, Hints
from hatlab.incident.sources.file_ends import find_last, read_first
from hatlab.incident.sources.records import ConfRecord, FrameRecord, Place, Record, SourceNote, Stamp
from hatlab.incident.sources.source_file import SourceFile
from hatlab.incident.sources.text_reader import TextReader
from hatlab.vrrp import arp, codec, ndisc

_MOST_REVERSED = 100_000
"""Lines of a file that is read from its end."""
_PRECISION = 1e-6
"""Seconds of a captured frame's time."""


def read_source(path: Path, name: str, hints: Hints | None = None) -> Iterator[Record]:
    """Yield what a file says, in its order; what of it cannot be read is a `SourceNote`.

    Args:
        path: of a log, a capture, a configuration or a script; may be compressed.
        name: as the user named it; each record's place has it.
        hints: what is known of it from elsewhere.

    Raises:
        UserError: it cannot be read, or is nothing that is read here.
    """
    source = SourceFile(path, name)
    if source.capture:
        return _read_capture(source)
    first = source.first_lines()
    lines = [line.decode("utf-8", "replace") for line in first]
    if is_script(lines) or is_configuration(lines):
        return _read_whole(source)
    return _read_text(source, first, hints or Hints())


def _read_capture(source: SourceFile) -> Iterator[Record]:
    """The frames that matter: VRRP, ARP and neighbour discovery."""
    notes: list[CaptureError] = []
    with source.stream as stream:
        for frame in read_frames(stream, source.name, notes):
            ethernet = to_ethernet(frame.link_type, frame.data)
            if ethernet is None:
                continue
            data = ethernet.data
            packet = codec.decode(data) or arp.decode(data) or ndisc.decode(data)
            if packet is None and not frame.comment:
                continue
            stamp = None if frame.at_ns is None else Stamp(frame.at_ns / 1e9, _PRECISION)
            place = Place(source.name, frame.number, frame=True)
            direction = frame.direction or ethernet.direction
            yield FrameRecord(stamp, frame.interface, data, place, packet, direction, frame.comment)
    for note in notes:
        yield SourceNote(_sentence(note), Place(source.name, max(1, note.frame), frame=True))


def _sentence(note: CaptureError) -> str:
    """The note without its place, which its record has."""
    text = note.message.partition(": ")[2]
    return f"{text[:1].upper()}{text[1:]}." if text else note.message


def _read_whole(source: SourceFile) -> Iterator[Record]:
    with source.stream as stream:
        raw = stream.read(MOST + 1)
    text = raw[:MOST].decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    yield ConfRecord(text, source.name, Place(source.name, 1))
    if len(raw) > MOST:
        yield SourceNote(f"Only the first {MOST // 1000} kB were read.", Place(source.name, 1))


def _read_text(source: SourceFile, first: list[bytes], hints: Hints) -> Iterator[Record]:
    ends = read_first(first)
    last = find_last(source.last_lines()) if ends.first else None
    last = last if last and last.year is None and last.form == "day" else None
    if ends.newest_first:
        ends, last = replace(ends, first=last), ends.first
    dating = Dating(hints, ends, last=last, mtime=source.mtime)
    reader = TextReader(source.name, dating, ends.form)
    lines = source.lines()
    if ends.newest_first and len(first_part := [*islice(lines, _MOST_REVERSED + 1)]) <= _MOST_REVERSED:
        lines = reversed(first_part)
        yield SourceNote("Its newest lines stand first: it is read from its end.", Place(source.name, 1))
    elif ends.newest_first:
        lines = chain(first_part, lines)
    for number, raw in lines:
        yield from reader.read(number, raw)
    yield from reader.finish(source.last_line)
    if source.defect:
        yield SourceNote(source.defect, Place(source.name, max(1, source.last_line)))
