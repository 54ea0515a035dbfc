"""A change of the screen is drawn as Textual would draw it, by fewer widgets."""

from __future__ import annotations

import random

from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.geometry import Region
from textual.widget import Widget

from hatlab.tui.app.app import LabApp
from hatlab.tui.widgets.narrow_compositor import NarrowCompositor
from tests.support.story_engine import StoryEngine
from tests.tui.apps import make_app, wait_for


async def test_changes_are_drawn_as_by_textual_and_ask_few_widgets() -> None:
    app = make_app(StoryEngine(15.0))
    async with app.run_test(size=(120, 35)) as pilot:
        await wait_for(pilot, lambda: _is_laid_out(app), "the lab")
        compositor = app.screen._compositor
        assert isinstance(compositor, NarrowCompositor)
        visible_screen_stack.set([])
        chance = random.Random(1)
        for _ in range(60):
            places = {_random_place(chance) for _ in range(chance.randint(1, 4))}
            narrow = _drawn(app, compositor, NarrowCompositor, places)
            assert narrow == _drawn(app, compositor, Compositor, places), places


async def test_a_changed_line_asks_its_own_widget_alone() -> None:
    app = make_app(StoryEngine(15.0))
    async with app.run_test(size=(120, 35)) as pilot:
        await wait_for(pilot, lambda: _is_laid_out(app), "the lab")
        assert app.lab_screen is not None
        compositor = app.screen._compositor
        visible_screen_stack.set([])
        box = app.lab_screen.map._boxes["db2"]
        place = Region(box.region.x + 1, box.region.y + 1, box.region.width - 2, 1)
        asked: list[Region] = []
        ask = Widget.render_lines
        box.render_lines = lambda crop: asked.append(crop) or ask(box, crop)  # type: ignore[method-assign, func-returns-value]
        compositor._dirty_regions = {place}
        renders = [region for region, _, _ in _renders(compositor, place)]
        assert renders == [box.region]
        assert asked == [Region(0, 1, box.region.width, 1)]


def _is_laid_out(app: LabApp) -> bool:
    lab = app.lab_screen
    return lab is not None and app.screen is lab and app.state.ready and bool(lab.map._boxes["db2"].region)


def _renders(compositor: Compositor, place: Region) -> list[tuple[Region, Region, object]]:
    assert isinstance(compositor, NarrowCompositor)
    compositor._changed = frozenset({place})
    try:
        return list(compositor._get_renders(place))
    finally:
        compositor._changed = frozenset()


def _random_place(chance: random.Random) -> Region:
    x, y = chance.randrange(110), chance.randrange(33)
    return Region(x, y, chance.randint(1, 120 - x), chance.randint(1, min(4, 35 - y)))


def _drawn(app: LabApp, compositor: Compositor, kind: type[Compositor], places: set[Region]) -> str:
    """Return what is written to the terminal where these places have changed."""
    compositor._dirty_regions = set(places)
    update = kind.render_partial_update(compositor)
    return update.render_segments(app.console) if update is not None else ""
