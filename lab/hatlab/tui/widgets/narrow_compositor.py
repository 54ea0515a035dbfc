"""Draws a change of the screen without asking the widgets, or the rows of one, that it does not touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip


class NarrowCompositor(Compositor):
    """A compositor that asks only the widgets that a change touches, and only for the rows that it touches.

    Textual's own (8.2) asks each widget whose container lies within the smallest rectangle around all that
    changed, for all of its rows: on a screen without outer containers, and with a change near its top and
    one near its end, that is every row of every widget, ten times a second. And it asks those, too, that are
    behind the one that has changed.
    """

    _changed: frozenset[Region] = frozenset()
    """The places that are drawn anew, while only they are."""

    def render_partial_update(self) -> ChopsUpdate | None:
        self._changed = frozenset(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._changed = frozenset()

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if not self._changed:
            yield from super()._get_renders(crop)
            return
        changed = self._changed
        for widget, (region, clip) in self.visible_widgets.items():  # from front to back
            shown = region.intersection(clip)
            if touched := {place for place in changed if shown.overlaps(place)}:
                for rows in _rows_in(shown, touched):
                    yield region, rows, widget.render_lines(rows.translate(-region.offset))
                changed -= {place for place in touched if shown.contains_region(place)}
                if not changed:
                    return


def _rows_in(shown: Region, changed: Iterable[Region]) -> Iterator[Region]:
    """Yield the rows of a widget that changes touch, those one after the other at once."""
    touched = {y for place in changed for y in shown.intersection(place).line_range}
    first = -1
    for y in sorted(touched):
        if first < 0:
            first = y
        if y + 1 not in touched:
            yield Region(shown.x, first, shown.width, y + 1 - first)
            first = -1
