"""A film as asciinema keeps it, format version 2: a header, then a line for each piece of output."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

IDLE_LIMIT = 2.5
"""Seconds of silence that a film shows at most."""


@dataclass(frozen=True)
class Cast:
    """A film: what a terminal was sent, and when."""

    width: int
    height: int
    title: str
    output: tuple[tuple[float, str], ...]
    """(seconds since it began, text), in order."""

    @classmethod
    def read(cls, path: Path) -> Cast:
        """Read a film."""
        head, *lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        output = tuple((at, text) for at, kind, text in lines if kind == "o")
        return cls(head["width"], head["height"], head["title"], output)

    def write(self, path: Path) -> None:
        """Write a film."""
        head = {"version": 2, "width": self.width, "height": self.height, "title": self.title}
        lines = [head, *([round(at, 3), "o", text] for at, text in self.output)]
        text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
        path.write_text(text, encoding="utf-8")

    def shortened(self) -> Cast:
        """Return the film without long silences, from its first output on."""
        return Cast(self.width, self.height, self.title, tuple(_without_silence(self.output)))


def _without_silence(output: tuple[tuple[float, str], ...]) -> Iterator[tuple[float, str]]:
    shown, before = 0.0, output[0][0] if output else 0.0
    for at, text in output:
        shown += min(at - before, IDLE_LIMIT)
        before = at
        yield shown, text
