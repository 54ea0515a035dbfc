"""A list of bullets: each a glyph with a text that hangs behind it, wrapped for any width and any script."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.geometry import Region, Size
from textual.widget import Widget

from hatlab.tui.widgets.line_widget import Piece, styled

Bullet = tuple[Piece, Content]
"""A glyph, and the text that hangs behind it."""


class BulletList(Widget):
    """Bullets, one below the other."""

    ALLOW_SELECT = False

    def __init__(self, bullets: Iterable[Bullet] = (), *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
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


def _wrap_bullets(bullets: Iterable[Bullet], width: int) -> list[Content]:
    lines: list[Content] = []
    for (glyph, tone), text in bullets:
        indent = len(glyph)
        first, *rest = text.wrap(max(8, width - indent))
        lines += [styled((glyph, tone)) + first, *(styled((" " * indent, tone)) + line for line in rest)]
    return lines
