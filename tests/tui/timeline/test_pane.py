import pytest

from hatlab import events as e
from hatlab.session import Batch
from hatlab.state.model import LabState
from hatlab.tui.timeline.chart import SCALES
from hatlab.tui.timeline.pane import Timeline
from tests.support.story import story
from tests.tui.harness import PaneApp, drawn, fold_batches, settle


class TimelineApp(PaneApp):
    """Notes which moments were selected."""

    SIZE = (100, 12)

    def __init__(self, until: float = 30.0) -> None:
        self.timeline = Timeline()
        super().__init__([self.timeline], fold_batches(story(until)))
        self.moments: list[float | None] = []

    def on_timeline_moment_selected(self, message: Timeline.MomentSelected) -> None:
        self.moments.append(message.at)


def shown(timeline: Timeline) -> list[str]:
    return [timeline.render_line(y).text for y in range(timeline.size.height)]


async def test_arrows_select_moments_cell_by_cell_and_end_follows_again() -> None:
    async with drawn(TimelineApp()) as (app, pilot):
        await pilot.press("left", "left", "right")
        assert [m is not None and round(m, 3) for m in app.moments] == [29.875, 29.625, 29.875]
        assert not app.timeline.following
        await pilot.press("end")
        assert app.moments[-1] is None
        assert app.timeline.following


async def test_moving_past_now_follows_again() -> None:
    async with drawn(TimelineApp()) as (app, pilot):
        await pilot.press("left", "right", "right")
        assert app.moments[-1] is None


async def test_brackets_jump_between_changes_and_actions() -> None:
    async with drawn(TimelineApp(22.0)) as (app, pilot):
        await pilot.press(*["left_square_bracket"] * 4)
        assert [m is not None and round(m, 2) for m in app.moments] == [21.2, 18.0, 13.85, 13.81]
        await pilot.press("right_square_bracket")
        assert app.timeline.cursor == pytest.approx(13.85)
        assert "0:13.850: db1 FAULT · db2 MASTER · VIP db2" in (app.timeline.border_subtitle or "")


async def test_space_holds_the_view_and_lets_it_go() -> None:
    async with drawn(TimelineApp()) as (app, pilot):
        await pilot.press("space")
        held = shown(app.timeline)[1:]
        app.timeline.feed(Batch(tuple(x for x in story(36) if x.at > 30), LabState()))
        assert shown(app.timeline)[1:] == held
        await pilot.press("space")
        assert app.moments[-1] is None
        assert shown(app.timeline)[1:] != held
        assert "db1+db2" in shown(app.timeline)[3]


async def test_zoom_keeps_the_selected_moment_where_it_is() -> None:
    async with drawn(TimelineApp()) as (app, pilot):
        await pilot.press(*["left"] * 30)
        before = shown(app.timeline)[0].index("▼")
        await pilot.press("plus")
        assert app.timeline.scale == 0.1
        assert abs(shown(app.timeline)[0].index("▼") - before) <= 1
        await pilot.press(*["minus"] * 8)
        assert app.timeline.scale == SCALES[-1]
        await pilot.press(*["plus"] * 9)
        assert app.timeline.scale == SCALES[0]


async def test_home_and_pages() -> None:
    async with drawn(TimelineApp(44.0)) as (app, pilot):
        await pilot.press("home")
        assert app.moments[-1] == 0.0
        await pilot.press("shift+right")
        assert app.moments[-1] is not None
        assert 10 < app.moments[-1] < 30
        await pilot.press("shift+left")
        assert app.moments[-1] is not None
        assert app.moments[-1] < 1


async def test_a_click_selects_the_moment_under_it() -> None:
    async with drawn(TimelineApp(20.0)) as (app, pilot):
        line = shown(app.timeline)[1]
        await pilot.click(app.timeline, offset=(line.index("✖") + 1, 2))
        assert app.moments[-1] is not None
        assert app.moments[-1] == pytest.approx(13.2, abs=0.25)


async def test_seek_is_silent_and_none_follows() -> None:
    async with drawn(TimelineApp()) as (app, pilot):
        app.timeline.seek(5.0)
        await pilot.pause()
        assert "▼0:05.00" in shown(app.timeline)[0]
        app.timeline.seek(None)
        await pilot.pause()
        assert app.timeline.following
        assert app.moments == []


async def test_the_wheel_looks_back_and_forth() -> None:
    async with drawn(TimelineApp(44.0)) as (app, _):
        app.timeline._pan(-20)
        assert not app.timeline.following
        app.timeline._pan(40)
        assert app.timeline.following
        assert app.moments == []


async def test_more_lanes_than_rows_scroll() -> None:
    async with drawn(TimelineApp(), (80, 6)) as (app, pilot):
        lines = shown(app.timeline)
        assert lines[0].startswith("↕ 1-2")
        assert lines[1].startswith("db1")
        await pilot.press("down", "down")
        assert shown(app.timeline)[1].startswith("VIP")


async def test_what_did_not_change_is_not_drawn_again() -> None:
    async with drawn(TimelineApp(20.0)) as (app, pilot):
        rows: list[int] = []
        real = app.timeline.render_line
        app.timeline.render_line = lambda y: rows.append(y) or real(y)  # type: ignore[func-returns-value, method-assign]
        app.timeline.feed(Batch((e.Tick(at=20.05), e.Tick(at=20.1)), LabState()))
        await settle(pilot)
        assert rows == []


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (10, 3), (1, 1), (300, 80)])
async def test_any_size_is_drawn(size: tuple[int, int]) -> None:
    async with drawn(TimelineApp(44.0), size) as (app, pilot):
        await pilot.press("left", "minus", "home", "end")
        await pilot.resize_terminal(100, 20)
        await settle(pilot)
        assert "★ MASTER" in shown(app.timeline)[1]


async def test_a_smaller_terminal_draws_a_moment_that_was_at_the_right_end() -> None:
    """The rows may be drawn once before their columns are worked out again."""
    async with drawn(TimelineApp(44.0)) as (app, pilot):
        await pilot.press("left")
        for size in ((40, 10), (20, 5), (100, 20)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
            app.timeline._cursor_column = 200
            assert shown(app.timeline)
        await settle(pilot)


async def test_without_a_border_the_last_line_shows_what_was_true() -> None:
    class Bare(TimelineApp):
        CSS = ""

    async with drawn(Bare()) as (app, pilot):
        assert "live" in shown(app.timeline)[-1]
        app.timeline.seek(13.5)
        await settle(pilot)
        assert "db1 FAULT · db2 BACKUP · VIP nobody" in shown(app.timeline)[-1]


def test_what_a_recording_shows_is_not_live() -> None:
    assert Timeline(live=False)._status() == "▶ as it plays"
    assert Timeline()._status() == "● live"
