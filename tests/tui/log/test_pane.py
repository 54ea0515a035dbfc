from hatlab import events as e
from hatlab.session import Batch
from hatlab.state.model import LabState
from hatlab.tui.log.pane import LogPane
from tests.support.story import story
from tests.tui.harness import PaneApp, drawn, fold_batches, settle


class LogApp(PaneApp):
    SIZE = (100, 20)

    def __init__(self, until: float = 44.0) -> None:
        self.log_pane = LogPane()
        super().__init__([self.log_pane], fold_batches(story(until)))


def lines(pane: LogPane) -> list[str]:
    return [pane.list.render_line(y).text.rstrip(" │▐") for y in range(pane.list.size.height)]


def said(*texts: str, at: float = 50.0) -> Batch:
    return Batch(tuple(e.Log(at=at, node="db1", service="mysqld", text=text) for text in texts), LabState())


async def test_the_last_lines_are_in_view_until_somebody_looks_back() -> None:
    async with drawn(LogApp()) as (app, pilot):
        assert lines(app.log_pane)[-1].endswith("over: split brain")
        await pilot.press("up")
        held = lines(app.log_pane)
        app.log_pane.feed(said("one more"))
        assert lines(app.log_pane) == held
        await pilot.press("space")
        assert lines(app.log_pane)[-1].endswith("one more")


async def test_a_filter_shows_the_reasons_alone() -> None:
    async with drawn(LogApp()) as (app, pilot):
        await pilot.press("F")
        assert app.log_pane.filter_text == "why"
        assert all("┃" in line for line in lines(app.log_pane) if line)
        reasons = [x for x in app.log_pane.model.entries if x.kind == "why"]
        assert f"{len(reasons)} of " in (app.log_pane.border_subtitle or "")
        before = app.log_pane.list.row_count()
        app.log_pane.feed(said("why indeed", "nothing"))
        assert app.log_pane.list.row_count() == before + 1


async def test_markup_and_escapes_of_daemons_are_only_text() -> None:
    async with drawn(LogApp(5.0)) as (app, pilot):
        app.log_pane.feed(said("[red]x[/red] [/] [@click=app.quit]y[/]", "\x1b[2J\x1b[31mred\x07"))
        await settle(pilot)
        assert lines(app.log_pane)[-2].endswith("[red]x[/red] [/] [@click=app.quit]y[/]")
        assert lines(app.log_pane)[-1].endswith("\\x1b[2J\\x1b[31mred\\x07")
        app.log_pane.set_filter("[red]x[/red]")
        assert app.log_pane.list.row_count() == 1


async def test_a_moment_selected_elsewhere_is_brought_into_view() -> None:
    async with drawn(LogApp()) as (app, _):
        app.log_pane.seek(10.0)
        assert any("kill mysqld db1" in line for line in lines(app.log_pane))
        app.log_pane.seek(None)
        assert app.log_pane.list.following


async def test_lines_are_wrapped_anew_when_the_width_changes() -> None:
    async with drawn(LogApp(), (200, 30)) as (app, pilot):
        wide = app.log_pane.list.row_count()
        await pilot.resize_terminal(60, 30)
        await settle(pilot)
        assert app.log_pane.list.row_count() > wide
        assert max(len(line) for line in lines(app.log_pane)) <= 58


async def test_lines_are_bounded() -> None:
    async with drawn(LogApp(5.0)) as (app, _):
        for k in range(20):
            app.log_pane.feed(said(*(f"line {k} {n}" for n in range(500))))
        assert app.log_pane.list.row_count() == app.log_pane.LINES
        assert lines(app.log_pane)[-1].endswith("line 19 499")


async def test_a_line_is_copied_with_its_time_as_it_is_shown() -> None:
    async with drawn(LogApp()) as (app, pilot):
        app.log_pane.feed(said("after more than a minute", at=75.25))
        await settle(pilot)
        assert app.log_pane.list.copyable() == "1:15.250 db1 after more than a minute"
