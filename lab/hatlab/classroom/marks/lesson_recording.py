"""Reads a lesson's recording whole: every line in order, with what was undone, and whether its seals fit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from hatlab import events as e
from hatlab.engine.event_lines import plain_event
from hatlab.engine.validation import validated_event
from hatlab.errors import UserError
from hatlab.util.files import open_input

MOST_BYTES = 2**28
"""Bytes of a lesson's recording that are read: some hours."""
MAX_LINE = 4 * 2**20


class Entry(NamedTuple):
    """One line."""

    line: int
    """Its number, from 1."""
    event: e.Event


@dataclass(frozen=True, slots=True)
class Damage:
    """A line that is not as it was written."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class LessonRecording:
    """A recording of a lesson."""

    path: Path
    digest: str
    """SHA-256 of the file."""
    entries: tuple[Entry, ...]
    damage: tuple[Damage, ...]

    def acts(self) -> Iterator[tuple[int, e.Learner]]:
        """Yield what the learner did, with its line."""
        for line, event in self.entries:
            if isinstance(event, e.Learner):
                yield line, event


class NothingDone(UserError):
    """A recording says nothing of a learner."""


def read_lesson_recording(path: Path) -> LessonRecording:
    """Read a recording.

    Raises:
        NothingDone: it is no recording of a lesson, or ends before the lab was there.
        UserError: it cannot be read.
    """
    entries: list[Entry] = []
    damage: list[Damage] = []
    whole, byte = hashlib.sha256(), 0
    is_unsealed = False
    try:
        with open_input(path) as file:
            for number, line in enumerate(iter(lambda: file.readline(MAX_LINE), b""), 1):
                byte += len(line)
                if byte > MOST_BYTES:
                    raise UserError(f"{path} is too large to grade", f"at most {MOST_BYTES >> 20} MB")
                try:
                    event = plain_event(line) or validated_event(_parse(line))
                except (UserError, ValueError, RecursionError) as error:
                    damage.append(Damage(number, _why_unreadable(line, error)))
                else:
                    entries.append(Entry(number, event))
                    if isinstance(event, e.Learner) and not is_unsealed and not _fits(event, whole):
                        is_unsealed = True  # one edit breaks every seal behind it
                        damage.append(Damage(number, "what stands before this line was changed"))
                whole.update(line)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    if not entries or not any(isinstance(entry.event, e.Lab) for entry in entries):
        raise NothingDone(f"{path} is not a recording", "hatlab learn makes one of each lesson")
    if not any(isinstance(entry.event, e.Learner) for entry in entries):
        raise NothingDone(
            f"{path} is not a lesson's recording", "it says nothing of a learner: hatlab replay shows it"
        )
    return LessonRecording(path, whole.hexdigest(), tuple(entries), tuple(damage))


def _parse(line: bytes) -> dict[str, object]:
    data = json.loads(line)
    if not isinstance(data, dict):
        raise ValueError("it is no JSON object")
    return data


def _fits(event: e.Learner, before: hashlib._Hash) -> bool:
    return event.seal == before.hexdigest()[: len(event.seal)] and len(event.seal) == SEAL_DIGITS


def _why_unreadable(line: bytes, error: Exception) -> str:
    if not line.endswith(b"\n"):
        return "the file ends in the middle of this line"
    return error.message if isinstance(error, UserError) else "this line is not JSON"


SEAL_DIGITS = 16
