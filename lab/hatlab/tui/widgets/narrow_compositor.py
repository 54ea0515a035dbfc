"""Draws a change of the screen without asking the widgets that it does not touch."""

from __future__ import annotations

from collections.abc import Iterable

from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip


class NarrowCompositor(Compositor):
    """A compositor that asks only the widgets that a change touches, and only for its rows.

    Textual's own (8.2) asks each widget whose container the change touches for all of its rows: on a screen
    without outer containers that is every row of every widget, ten times a second.
    """

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if crop is None:
            yield from super()._get_renders()
            return
        rows = Region(0, crop.y, self.size.width, crop.height)
        for widget, (region, clip) in self.visible_widgets.items():
            clip_in_rows = clip.intersection(rows)
            shown = region.intersection(clip_in_rows)
            if shown and shown.overlaps(crop):
                yield region, clip_in_rows, widget.render_lines(shown.translate(-region.offset))
