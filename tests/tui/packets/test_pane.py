from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from hatlab import events as e
from hatlab.session import Batch
from hatlab.state.model import LabState
from hatlab.tui.packets.detail import FieldList, HexDump, PacketDetail
from hatlab.tui.packets.pane import Packets
from tests.support.story import story
from tests.tui.harness import PaneApp, drawn, fold_batches, settle


class PacketsApp(PaneApp):
    SIZE = (100, 16)

    def __init__(self, until: float = 44.0) -> None:
        self.packets = Packets()
        super().__init__([self.packets], fold_batches(story(until)))


async def until_read(pilot: Pilot[None]) -> PacketDetail:
    """Waits until scapy has read the frame."""
    await pilot.pause()
    detail = pilot.app.screen
    assert isinstance(detail, PacketDetail)
    await pilot.app.workers.wait_for_complete()
    await settle(pilot)
    return detail


def lines(packets: Packets) -> list[str]:
    return [packets.list.render_line(y).text.rstrip(" │▐") for y in range(packets.list.size.height)]


async def test_the_newest_are_in_view_until_somebody_looks_back() -> None:
    async with drawn(PacketsApp(20.0)) as (app, pilot):
        assert "0:19.811" in lines(app.packets)[-1]
        await pilot.press("up", "up")
        held = lines(app.packets)
        app.packets.feed(Batch(tuple(x for x in story(30) if x.at > 20), LabState()))
        await settle(pilot)
        assert lines(app.packets) == held
        assert "‖ stopped" in (app.packets.border_subtitle or "")
        await pilot.press("end")
        assert "0:29.615" in lines(app.packets)[-1]
        assert "● live" in (app.packets.border_subtitle or "")


async def test_the_selected_packet_stays_selected_when_the_oldest_go() -> None:
    async with drawn(PacketsApp(20.0)) as (app, pilot):
        app.packets.model._keep = len(app.packets.model.packets)
        await pilot.press("up", "up")
        before = app.packets.selected
        app.packets.feed(Batch(tuple(x for x in story(24) if x.at > 20), LabState()))
        assert app.packets.selected is before


async def test_a_filter_is_typed_and_given_up() -> None:
    async with drawn(PacketsApp()) as (app, pilot):
        await pilot.press("f", *"prio", "space", "0")
        assert app.packets.list.row_count() == 2
        await pilot.press("enter")
        assert app.packets.list.has_focus
        assert "filter: prio 0" in (app.packets.border_title or "")
        app.packets.feed(Batch((e.Tick(at=60.0),), LabState()))
        assert app.packets.list.row_count() == 2
        await pilot.press("f", "escape")
        assert app.packets.list.row_count() == len(app.packets.model.packets)


async def test_the_usual_filters_in_turn() -> None:
    async with drawn(PacketsApp()) as (app, pilot):
        seen = []
        for _ in range(7):
            await pilot.press("F")
            seen.append((app.packets.filter_text, app.packets.list.row_count()))
        assert [name for name, _ in seen] == ["vrrp", "arp", "prio 0", "never arrived", "db1", "db2", ""]
        assert all(count for _, count in seen)


async def test_a_filter_is_kept_up_with_what_comes_and_goes() -> None:
    async with drawn(PacketsApp(30.0)) as (app, _):
        app.packets.set_filter("never arrived")
        assert app.packets.list.row_count() == 0
        for batch in fold_batches(story(40), 0.5):
            app.packets.feed(Batch(tuple(x for x in batch.events if x.at > 30), batch.state))
        wanted = [p for p in app.packets.model.packets if p.missing]
        assert app.packets.list.shown == wanted
        assert wanted


async def test_a_moment_selected_elsewhere_is_shown() -> None:
    async with drawn(PacketsApp()) as (app, _):
        app.packets.seek(13.5)
        assert app.packets.selected is not None
        assert app.packets.selected.priority == 0
        app.packets.seek(None)
        assert app.packets.list.following


async def test_a_packet_is_explained_field_by_field() -> None:
    async with drawn(PacketsApp(), (120, 40)) as (app, pilot):
        app.packets.seek(13.5)
        await pilot.press("enter")
        detail = await until_read(pilot)
        fields, dump = detail.query_one(FieldList), detail.query_one(HexDump)
        names = [line.row[0][0].strip() for line in fields.lines]
        assert {"Ethernet", "IPv4", "VRRPv2", "priority", "checksum"} <= set(names)
        await pilot.press(*["down"] * names.index("priority"))
        assert (dump.chosen.start, len(dump.chosen)) == (36, 1)
        assert "leaving" in str(detail.query_one("#packet-field", Static).render())
        assert "db2: received after 0." in str(detail.query_one("#packet-story", Static).render())
        await pilot.press("escape")
        assert app.screen is not detail


async def test_choosing_bytes_chooses_their_field() -> None:
    async with drawn(PacketsApp(), (80, 24)) as (app, pilot):
        app.packets.seek(13.5)
        await pilot.press("enter")
        detail = await until_read(pilot)
        fields, dump = detail.query_one(FieldList), detail.query_one(HexDump)
        assert dump.per_row == 8
        await pilot.press("tab")
        assert dump.has_focus
        await pilot.press("down", "down", "down", "right")
        assert fields.selected is not None
        assert set(dump.chosen) == set(fields.selected.bytes)
        await pilot.click(dump, offset=(6 + 3 * 4, 4))
        assert fields.selected.row[0][0].strip() == "priority"
        assert dump.chosen == range(36, 37)


async def test_a_bad_checksum_is_explained_and_selected_first() -> None:
    async with drawn(PacketsApp(5.0), (120, 40)) as (app, pilot):
        good = next(x for x in story(5.0) if isinstance(x, e.Advert))
        frame = good.frame[:80] + "beef" + good.frame[84:]
        bad = replace(good, at=6.0, frame=frame, defects=("checksum",))
        app.packets.feed(Batch((bad,), LabState()))
        assert "✖ checksum" in lines(app.packets)[app.packets.list.row_count()]
        await pilot.press("up", "down", "enter")
        detail = await until_read(pilot)
        assert "checksum does not match" in str(detail.query_one("#packet-story", Static).render())
        line = detail.query_one(FieldList).selected
        assert line is not None
        assert (line.wrong, line.bytes) == (True, range(40, 42))


@pytest.mark.parametrize("frame", ["", "00", "ff" * 60])
async def test_any_frame_can_be_opened(frame: str) -> None:
    async with drawn(PacketsApp(5.0), (80, 24)) as (app, pilot):
        advert = next(x for x in story(5.0) if isinstance(x, e.Advert))
        unread: dict[str, Any] = dict.fromkeys(("version", "vrid", "priority", "interval"))
        unread |= {"source": "?", "destination": "?", "auth": None, "addresses": (), "defects": ("length",)}
        odd = replace(advert, at=6.0, direction="sent", frame=frame, **unread)
        app.packets.feed(Batch((odd,), LabState()))
        app.packets.list.select(app.packets.list.row_count() - 1)
        await pilot.press("enter")
        await until_read(pilot)
        await pilot.press("down", "end", "tab", "down", "escape")


@pytest.mark.parametrize("size", [(40, 8), (10, 3), (300, 80)])
async def test_any_size_is_drawn(size: tuple[int, int]) -> None:
    async with drawn(PacketsApp(), size) as (app, pilot):
        await pilot.press("up", "pageup", "home", "F", "end")
        assert len(lines(app.packets)) == app.packets.list.size.height


async def test_without_a_border_a_line_shows_the_filter() -> None:
    class Bare(PacketsApp):
        CSS = ""

    async with drawn(Bare()) as (app, pilot):
        state = app.packets.query_one(".pane-state", Static)
        assert not state.display
        await pilot.press("F")
        await settle(pilot)
        assert state.display
        assert "filter: vrrp" in str(state.render())
        await pilot.press(*["F"] * 6)
        assert not state.display


async def test_closing_before_the_frame_was_read_is_harmless() -> None:
    async with drawn(PacketsApp()) as (app, pilot):
        await pilot.press("enter", "escape")
        await pilot.app.workers.wait_for_complete()
        await settle(pilot)
        assert app.packets.list.has_focus
