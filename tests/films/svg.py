"""A film as one SVG that plays over and over: rows of text, and CSS that shows each frame in its time.

It has no script and asks for no font, so any page can show it as a picture. Where nothing is animated, or the
reader prefers less motion, it shows the last frame.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby

from tests.films.frames import Frame, Row, look

WIDE, HIGH = 8.4, 16.0
"""Of one cell, in the units of the picture."""
BAR = "#2aa198"
"""The colour of the line that shows how far the film is."""
_FONT = "text{font:14px ui-monospace,'DejaVu Sans Mono',Menlo,monospace;white-space:pre}.b{font-weight:700}"
_BAR = (
    "@keyframes bar{{from{{transform:scaleX(0)}}}}"
    ".bar{{transform-origin:0 0;animation:bar {0:g}s linear infinite}}"
)
_STILL = "@media(prefers-reduced-motion:reduce){.f,.bar{animation:none!important}}"


def draw_film(frames: Sequence[Frame], title: str, hold: float = 2.5) -> str:
    """Return a film as an animated SVG; of a single frame, a picture of it.

    Args:
        hold: seconds for which the last frame stays.
    """
    rows = {row: f"r{number}" for number, row in enumerate(dict.fromkeys(r for f in frames for r in f.rows))}
    ground = Counter(look(char)[1] for row in rows for char in row).most_common(1)[0][0]
    colours = {colour: f"c{number}" for number, colour in enumerate(_colours(rows))}
    drawn = {row: _draw_row(row, ground, colours) for row in rows}
    width, height = len(frames[0].rows[0]) * WIDE, len(frames[0].rows) * HIGH
    box = f'viewBox="0 0 {width:g} {height + 4:g}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {box} xml:space="preserve">',
            f"<title>{escape(title)}</title>",
            f"<style>{_FONT}{_fills(colours)}{_timing(frames, hold)}</style>",
            f'<rect width="100%" height="100%" fill="{ground}"/>',
            "<defs>",
            *(f'<g id="{name}">{drawn[row]}</g>' for row, name in rows.items() if drawn[row]),
            "</defs>",
            *(_draw_frame(number, frame, rows, drawn) for number, frame in enumerate(frames)),
            f'<rect class="bar" y="{height + 1:g}" width="{width:g}" height="3" fill="{BAR}"/>',
            "</svg>\n",
        ]
    )


def _timing(frames: Sequence[Frame], hold: float) -> str:
    """Return the rules by which each frame is visible from its own moment to that of the next one."""
    seconds = frames[-1].at + hold
    shares = [f"{100 * frame.at / seconds:.2f}%" for frame in frames]
    rules = [f".f{{visibility:hidden}}#f{len(frames) - 1}{{visibility:visible}}"]
    if len(frames) == 1:
        return rules[0]
    for number, share in enumerate(shares):
        before = f"0%{{visibility:hidden}}{share}" if number else "0%"
        after = f"{shares[number + 1]}{{visibility:hidden}}" if number + 1 < len(frames) else ""
        rules += [
            f"#f{number}{{animation:k{number} {seconds:g}s step-end infinite}}",
            f"@keyframes k{number}{{{before}{{visibility:visible}}{after}}}",
        ]
    return "".join([*rules, _BAR.format(seconds), _STILL])


def _draw_frame(number: int, frame: Frame, rows: Mapping[Row, str], drawn: Mapping[Row, str]) -> str:
    lines = [(line, row) for line, row in enumerate(frame.rows) if drawn[row]]
    uses = "".join(f'<use href="#{rows[row]}" y="{line * HIGH:g}"/>' for line, row in lines)
    return f'<g class="f" id="f{number}">{uses}</g>'


def _colours(rows: Iterable[Row]) -> dict[str, None]:
    """Return every colour that is used, each once."""
    return dict.fromkeys(colour for row in rows for char in row for colour in look(char)[:2])


def _fills(colours: Mapping[str, str]) -> str:
    return "".join(f".{name}{{fill:{colour}}}" for colour, name in colours.items())


def _draw_row(row: Row, ground: str, colours: Mapping[str, str]) -> str:
    """Return the backgrounds of a row that are not the picture's, then its text, a piece for each style."""
    column, pieces = 0, []
    for back, group in groupby(row, lambda char: look(char)[1]):
        width = len(list(group))
        if back != ground:
            place = f'x="{column * WIDE:g}" width="{width * WIDE:g}" height="{HIGH:g}"'
            pieces.append(f'<rect class="{colours[back]}" {place}/>')
        column += width
    column = 0
    for (colour, _, bold), group in groupby(row, look):
        cells = list(group)
        if (text := "".join(char.data for char in cells)).strip():
            pieces.append(_draw_text(text, column, colours[colour] + " b" * bold))
        column += len(cells)
    return "".join(pieces)


def _draw_text(text: str, column: int, style: str) -> str:
    stripped = text.strip(" ")
    column += len(text) - len(text.lstrip(" "))
    place = f'x="{column * WIDE:g}" y="12.5" textLength="{len(stripped) * WIDE:g}"'
    return f'<text class="{style}" {place}>{escape(stripped, quote=False)}</text>'
