"""An ASCII form of every glyph hatlab draws, as wide as the glyph, for terminals that cannot draw it. Pure.

A line keeps its width, so what is drawn as a box stays a box. What is not in the table (other scripts, in
texts of daemons) becomes its base letter or question marks.
"""

from __future__ import annotations

import codecs
from unicodedata import normalize

from hatlab.util.wide_text import cells

_FORMS = {
    # states, in describe.symbols; each has its own
    **{"★": "*", "○": "o", "✖": "x", "■": "#", "·": ".", "□": "_", "✔": "+", "❄": "%", "‖": "="},
    # events and actions
    **{"◆": "@", "◇": "-", "◉": "!", "▤": "=", "≡": "=", "✎": "w", "✂": "X", "╳": "X", "⚡": "!!", "⚠": "!"},
    **{"⚑": "!", "⚙": "&", "▣": "#", "⇄": "=", "◷": "@", "✦": "*", "☐": "_", "☑": "+", "⊘": "/", "●": "O"},
    **dict(zip("◐◓◑◒◔◦•▪", "|/-\\o-*#", strict=True)),
    # arrows and pointers
    **dict(zip("▶▷▸◀◁◂▲△▼▽▾◄►", ">>><<<^'vvv<>", strict=True)),
    **dict(zip("←↑→↓↕↔↳↵", "<^>v|-`<", strict=True)),
    # marks and signs
    **dict(zip("…×−≈≥≤±µΔ§–—‘’“”", "~x-~><+ud#--''\"\"", strict=True)),
    # lines: one character for each way to draw a lane
    **dict.fromkeys("─╌╴╶┈┉", "-"),
    **dict.fromkeys("━═", "="),
    **{"┄": ".", "╍": "~"},
    **dict.fromkeys("│┃┆╎┊┋║╏▏▎▍▊▉▕╵╷╹╻", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╞╡╪╭╮╰╯┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬▛▜▙▟▘▝▖▗", "+"),
    # blocks
    **{"▐": "[", "▌": "]", "█": "#", "▀": "-", "▔": "-"},
    **dict.fromkeys("▁▂▃▄", "_"),
    **dict.fromkeys("▅▆▇", "#"),
    **dict.fromkeys("░▒▓", ":"),
}


class _Table(dict[int, str]):
    """For `str.translate`: what is not ASCII and has no form gets one at its first use."""

    def __missing__(self, code: int) -> str:
        form = self[code] = chr(code) if code < 127 else _form_of(chr(code))
        return form


def _form_of(char: str) -> str:
    width = cells(char)
    base = "".join(part for part in normalize("NFKD", char) if part.isascii() and part.isprintable())
    return base if len(base) == width else "?" * width


_TABLE = _Table({ord(glyph): form for glyph, form in _FORMS.items()})


def to_ascii(text: str) -> str:
    """Return a text of the same width in ASCII alone."""
    return text if text.isascii() else text.translate(_TABLE)


def _encode_error(error: UnicodeError) -> tuple[str, int]:
    """An error handler of codecs: what a stream's encoding lacks is written in ASCII."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return to_ascii(error.object[error.start : error.end]), error.end


ASCII_FORMS = "hatlab.ascii"
"""The `errors` of a text stream that writes the ASCII form of what its encoding lacks."""
codecs.register_error(ASCII_FORMS, _encode_error)
