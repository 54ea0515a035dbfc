"""Finds what of a lesson's recording was undone: time was set back, and the file went on."""

from __future__ import annotations

import json
from array import array
from typing import IO, NamedTuple

from hatlab import events as e

_MARK = f'"{e.Rewound.kind}"'.encode()


class Offset(NamedTuple):
    """Where a line begins."""

    byte: int
    """From the beginning of the file."""
    line: int
    """Its number, from 1."""


def find_undone(file: IO[bytes]) -> dict[int, Offset]:
    """Return where something begins that was undone → where what counts goes on.

    A line that names no line before it is left alone.
    """
    file.seek(0)
    begins, byte = array("Q"), 0
    undone: dict[int, Offset] = {}
    for line in file:
        begins.append(byte)
        byte += len(line)
        if _MARK not in line or (first := _first_undone(line)) is None or not 1 < first <= len(begins):
            continue
        begin = begins[first - 1]
        undone = {earlier: after for earlier, after in undone.items() if earlier < begin}
        undone[begin] = Offset(byte, len(begins) + 1)
    return undone


def _first_undone(line: bytes) -> int | None:
    """Return the number of the first line that a `rewound` event undoes; None if it is none."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or data.get("kind") != e.Rewound.kind:
        return None
    first = data.get("line")
    return first if type(first) is int else None
