"""A film as one SVG that plays over and over: each row of the terminal is a strip that CSS moves past a gap.

It has no script and asks for no font, so any page can show it as a picture. A strip has everything that its
row shows, once: drawn frame by frame, a film takes a browser six times as long to lay out. Where nothing is
animated, or the reader prefers less motion, it shows the last frame.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby

from tests.films.frames import Frame, Row, look

WIDE, HIGH = 8.4, 16.0
"""Of one cell, in the units of the picture."""
STRIDE = 22.0
"""From one row of a strip to the next: more than a cell, as some glyphs are higher and would show."""
BAR = "#2aa198"
"""The colour of the line that shows how far the film is."""
_FONT = "text{font:14px ui-monospace,'DejaVu Sans Mono',Menlo,monospace;white-space:pre}.b{font-weight:700}"
_BAR = (
    "@keyframes bar{{from{{transform:scaleX(0)}}}}"
    ".bar{{transform-origin:0 0;animation:bar {0:g}s linear infinite}}"
)
_STILL = "@media(prefers-reduced-motion:reduce){g,.bar{animation:none!important}}"


def draw_film(frames: Sequence[Frame], title: str, hold: float = 2.5) -> str:
    """Return a film as an animated SVG; of a single frame, a picture of it.

    Args:
        hold: seconds for which the last frame stays.
    """
    seconds = frames[-1].at + hold
    rows = dict.fromkeys(row for frame in frames for row in frame.rows)
    ground = Counter(look(char)[1] for row in rows for char in row).most_common(1)[0][0]
    colours = {colour: f"c{number}" for number, colour in enumerate(_colours(rows))}
    width, height = len(frames[0].rows[0]) * WIDE, len(frames[0].rows) * HIGH
    styles, strips = [_FONT, _fills(colours)], []
    for line in range(len(frames[0].rows)):
        shown = [(run[0].at, row) for row, run in _runs(frames, line)]
        order = {row: number for number, row in enumerate(dict.fromkeys(row for _, row in shown))}
        if len(order) > 1:
            styles.append(_movement(line, [(at, order[row]) for at, row in shown], seconds))
        drawn = "".join(_draw_row(row, place, ground, colours) for row, place in order.items())
        at = f'transform="translate(0 {-order[shown[-1][1]] * STRIDE:g})"'
        box = f'y="{line * HIGH:g}" width="{width:g}" height="{HIGH:g}"'
        strips.append(f'<svg {box}><g id="l{line}" {at}>{drawn}</g></svg>')
    if len(frames) > 1:
        styles += [_BAR.format(seconds), _STILL]
    box = f'viewBox="0 0 {width:g} {height + 4:g}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {box} xml:space="preserve">',
            f"<title>{escape(title)}</title>",
            f"<style>{''.join(styles)}</style>",
            f'<rect width="100%" height="100%" fill="{ground}"/>',
            *strips,
            f'<rect class="bar" y="{height + 1:g}" width="{width:g}" height="3" fill="{BAR}"/>',
            "</svg>\n",
        ]
    )


def _runs(frames: Sequence[Frame], line: int) -> Iterator[tuple[Row, list[Frame]]]:
    """Yield each row that a line shows, and the frames for which it does."""
    for row, run in groupby(frames, lambda frame: frame.rows[line]):
        yield row, list(run)


def _movement(line: int, places: Iterable[tuple[float, int]], seconds: float) -> str:
    """Return the rules by which a strip stands at each moment at the place of what is shown then."""
    steps = "".join(
        f"{100 * at / seconds:.2f}%{{transform:translateY({-place * STRIDE:g}px)}}" for at, place in places
    )
    return f"#l{line}{{animation:l{line} {seconds:g}s step-end infinite}}@keyframes l{line}{{{steps}}}"


def _colours(rows: Iterable[Row]) -> dict[str, None]:
    """Return every colour that is used, each once."""
    return dict.fromkeys(colour for row in rows for char in row for colour in look(char)[:2])


def _fills(colours: Mapping[str, str]) -> str:
    return "".join(f".{name}{{fill:{colour}}}" for colour, name in colours.items())


def _draw_row(row: Row, place: int, ground: str, colours: Mapping[str, str]) -> str:
    """Return the backgrounds of a row that are not the picture's, then its text, a piece for each style."""
    column, pieces = 0, []
    for back, group in groupby(row, lambda char: look(char)[1]):
        width = len(list(group))
        if back != ground:
            box = f'x="{column * WIDE:g}" width="{width * WIDE:g}" height="{HIGH:g}"'
            pieces.append(f'<rect class="{colours[back]}" y="{place * STRIDE:g}" {box}/>')
        column += width
    column = 0
    for (colour, _, bold), group in groupby(row, look):
        cells = list(group)
        if (text := "".join(char.data for char in cells)).strip():
            pieces.append(_draw_text(text, column, place, colours[colour] + " b" * bold))
        column += len(cells)
    return "".join(pieces)


def _draw_text(text: str, column: int, place: int, style: str) -> str:
    stripped = text.strip(" ")
    column += len(text) - len(text.lstrip(" "))
    at = f'x="{column * WIDE:g}" y="{place * STRIDE + 12.5:g}" textLength="{len(stripped) * WIDE:g}"'
    return f'<text class="{style}" {at}>{escape(stripped, quote=False)}</text>'
