"""A film frame by frame: what its terminal shows from one moment on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TypeAlias

from pyte.screens import Char

from tests.films.cast import Cast
from tests.films.terminal import Screen

TEXT, GROUND = "#d7dae0", "#16181d"
"""The colours of a terminal that nobody has set."""
_PALETTE = {
    **{"black": GROUND, "red": "#e06c75", "green": "#98c379", "brown": "#e5c07b", "blue": "#61afef"},
    **{"magenta": "#c678dd", "cyan": "#56b6c2", "white": TEXT},
}
_STILL = 0.02
"""Seconds without output after which a screen is taken to be whole."""

Row: TypeAlias = tuple[Char, ...]


@dataclass(frozen=True)
class Frame:
    """What the terminal shows from one moment on."""

    at: float
    rows: tuple[Row, ...]


def frames_of(cast: Cast, pace: float) -> Iterator[Frame]:
    """Yield the frames of a film, each once something has changed.

    Args:
        pace: seconds that a frame lasts at least.
    """
    screen, shown, last = Screen(cast.width, cast.height), None, -pace
    for (at, text), (following, _) in pairwise([*cast.output, (cast.output[-1][0] + 10, "")]):
        screen.feed(text)
        if following - last < pace or following - at < _STILL:
            continue
        rows = tuple(_row(screen, line) for line in range(cast.height))
        if rows != shown:
            shown, last = rows, at
            yield Frame(at, rows)


def compacted(cast: Cast, pace: float = 0.1) -> Cast:
    """Return the same film in less: of each frame only the cells that have changed."""
    blank = Frame(0, tuple((Char(" "),) * cast.width for _ in range(cast.height)))
    frames = [blank, *frames_of(cast, pace)]
    output = ((new.at, "".join(_changes(old, new))) for old, new in pairwise(frames))
    return Cast(cast.width, cast.height, cast.title, tuple(output))


def look(char: Char) -> tuple[str, str, bool]:
    """Return a character's colour, that of its ground, and whether it is bold."""
    colour, ground = _colour(char.fg, TEXT), _colour(char.bg, GROUND)
    return (ground, colour, char.bold) if char.reverse else (colour, ground, char.bold)


def _colour(name: str, default: str) -> str:
    return default if name == "default" else _PALETTE.get(name.removeprefix("bright"), f"#{name}")


def _row(screen: Screen, line: int) -> Row:
    cells = screen.screen.buffer[line]
    return tuple(cells[column] for column in range(screen.screen.columns))


def _changes(old: Frame, new: Frame) -> Iterator[str]:
    """Yield what makes a terminal that shows one frame show the next; the cursor is hidden."""
    yield "\x1b[?25l"
    for line, (before, after) in enumerate(zip(old.rows, new.rows, strict=True), 1):
        changed = [column for column in range(len(after)) if before[column] != after[column]]
        if not changed:
            continue
        yield f"\x1b[{line};{changed[0] + 1}H"
        for style, cells in groupby(after[changed[0] : changed[-1] + 1], look):
            yield _style(*style) + "".join(cell.data for cell in cells)
    yield "\x1b[0m"


def _style(colour: str, ground: str, bold: bool) -> str:
    codes = ["0", "1"] if bold else ["0"]
    codes += [_code(38, colour)] if colour != TEXT else []
    codes += [_code(48, ground)] if ground != GROUND else []
    return f"\x1b[{';'.join(codes)}m"


def _code(kind: int, colour: str) -> str:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"{kind};2;{red};{green};{blue}"
