"""A list of bullets: each a glyph with a text that hangs behind it, wrapped for any width and any script.

Equations in a text stand on lines of their own, and are broken between their terms alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content
from textual.css.styles import RulesMap
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widget import Widget

from hatlab.tui.widgets.line_widget import Piece, styled
from hatlab.util.equations import break_equation, split_equations
from hatlab.util.text import GLUE, glue_terms


class EquationBullet(NamedTuple):
    """A bullet whose text is an equation with words in it, which is broken between its terms alone."""

    glyph: Piece
    text: Content


_CODE = "$wire"
"""The style of what is to be typed."""

Bullet = tuple[Piece, Content] | EquationBullet
"""A glyph, and the text that hangs behind it."""


class BulletList(Widget):
    """Bullets, one below the other."""

    DEFAULT_CSS = "BulletList { width: 1fr; height: auto; }"

    def __init__(
        self, bullets: Iterable[Bullet] = (), *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._bullets = tuple(bullets)
        self._unchanged = 0
        """How many bullets the last update left as they were, from the first on."""

    def update(self, bullets: Iterable[Bullet]) -> None:
        """Show these bullets and no others."""
        old, self._bullets = self._bullets, tuple(bullets)
        pairs = enumerate(zip(old, self._bullets, strict=False))
        shorter = min(len(old), len(self._bullets))
        self._unchanged = next((number for number, (before, now) in pairs if before != now), shorter)
        self.refresh(layout=True)

    @property
    def changed_region(self) -> Region:
        """From the first line that the last update changed or added to the end."""
        width, height = self.size
        begin = len(_wrap_bullets(self._bullets[: self._unchanged], width))
        return Region(0, begin, width, height - begin)

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        return len(_wrap_bullets(self._bullets, width))

    def render(self) -> Content:
        return Content("\n").join(_wrap_bullets(self._bullets, self.content_size.width))


class BulletOption(Visual):
    """A bullet as the prompt of an option in a list.

    Args:
        glyph: stands in front.
        text: hangs behind it.
        hang: columns by which all lines but the first are indented further: none looks like another option.
    """

    def __init__(self, glyph: Piece, text: Content, *, hang: int = 0) -> None:
        self._bullet, self._hang = (glyph, text), hang

    def __str__(self) -> str:
        (glyph, _), text = self._bullet
        return glyph + text.plain

    def _lines(self, width: int) -> list[Content]:
        lines = _wrap_bullets([self._bullet], width)
        if len(lines) > 1 and self._hang:
            first, *rest = _wrap_bullets([self._bullet], width - self._hang)
            lines = [first, *(Content(" " * self._hang) + line for line in rest)]
        return lines

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        return Content("\n").join(self._lines(width)).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:  # noqa: ARG002
        (glyph, _), text = self._bullet
        return len(glyph) + text.cell_length

    def get_height(self, rules: RulesMap, width: int) -> int:  # noqa: ARG002
        return len(self._lines(width))


def _glue_code(text: Content, plain: str, width: int) -> str:
    """Put `GLUE` between the words of each code that fits into a line with what stands close to it."""
    for span in text.spans:
        start, end = plain.rfind(" ", 0, span.start) + 1, plain.find(" ", span.end)
        word = plain[start : end if end >= 0 else None]
        if span.style == _CODE and cell_len(word) <= width:
            plain = plain[: span.start] + plain[span.start : span.end].replace(" ", GLUE) + plain[span.end :]
    return plain


def wrap_content(text: Content, width: int) -> list[Content]:
    """Wrap a text to a width; no number is parted from its unit, and no code is broken that fits."""
    glued = _glue_code(text, glue_terms(text.plain), width).replace(GLUE, "_")
    if glued == text.plain:
        return text.wrap(width)
    lines, end = [], 0
    for line in Content(glued).wrap(width):
        start = glued.index(line.plain, end)
        end = start + len(line.plain)
        lines.append(text[start:end])
    return lines


def _wrap_bullets(bullets: Iterable[Bullet], width: int) -> list[Content]:
    lines: list[Content] = []
    for bullet in bullets:
        (glyph, tone), text = bullet
        room = max(8, width - len(glyph))
        wrap = _wrap_equation if isinstance(bullet, EquationBullet) else _wrap_text
        first, *rest = [*wrap(text, room)] or [Content("")]
        hang = styled((" " * len(glyph), tone))
        lines += [styled((glyph, tone)) + first, *(hang + line for line in rest)]
    return lines


def _wrap_text(text: Content, width: int) -> Iterator[Content]:
    """Yield a text's lines; those of an equation in it are indented."""
    parts = split_equations(text.plain)
    if not any(part.is_equation for part in parts):
        yield from wrap_content(text, width)
        return
    for part in parts:
        piece = text[part.start : part.end]
        if part.is_equation:
            yield from (Content("  ") + line for line in _wrap_equation(piece, width - 2))
        else:
            yield from wrap_content(piece, width)


def _wrap_equation(text: Content, width: int) -> Iterator[Content]:
    """Yield an equation's lines; a term that fits no line is wrapped at blanks."""
    for number, part in enumerate(break_equation(text.plain, width)):
        lead = "  " if number else ""
        yield from (Content(lead) + line for line in text[part.start : part.end].wrap(width - len(lead)))
