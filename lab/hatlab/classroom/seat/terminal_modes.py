"""What a page that comes later must be told of a terminal: the modes that its program has set.

A program sets them once, when it starts: the alternate screen, the mouse, a hidden cursor.
What it has drawn is not kept: it draws itself again when it is asked to.
"""

from __future__ import annotations

import re

_MODE = re.compile(rb"\x1b\[\?([\d;]{1,40})([hl])|\x1bc")
"""Setting or unsetting modes; or a reset, which has no groups."""
_LONGEST = 48
"""Bytes of the longest sequence that is looked for: it may be cut in two by a read."""
_MOMENTARY = frozenset({b"2026"})
"""Synchronised output: on while a picture is drawn only."""


class TerminalModes:
    """The private modes (DECSET) that are on or off, in the order in which they were set."""

    def __init__(self) -> None:
        self._modes: dict[bytes, bytes] = {}
        self._rest = b""

    def read(self, output: bytes) -> None:
        """Take note of what a program writes."""
        text = self._rest + output
        for found in _MODE.finditer(text):
            if found[1] is None:
                self._modes.clear()
                continue
            for mode in found[1].split(b";"):
                if mode and mode not in _MOMENTARY:
                    self._modes.pop(mode, None)
                    self._modes[mode] = found[2]
        start = text.rfind(b"\x1b", -_LONGEST)
        self._rest = text[start:] if start >= 0 and not _MODE.match(text, start) else b""

    def is_set(self, mode: bytes) -> bool:
        """True if a mode is on."""
        return self._modes.get(mode) == b"h"

    @property
    def undoing(self) -> bytes:
        """What puts back those that a program has left as they are usually not, at its end."""
        usual = {b"7": b"h", b"25": b"h"}
        changed = {mode: usual.get(mode, b"l") for mode in self._modes}
        undone = (b"\x1b[?" + mode + to for mode, to in changed.items() if self._modes[mode] != to)
        return b"".join(undone) + b"\x1b[0m"

    @property
    def sequence(self) -> bytes:
        """What sets them all."""
        return b"".join(b"\x1b[?" + mode + state for mode, state in self._modes.items())
