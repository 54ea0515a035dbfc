"""What the panes look like, as pictures: `pytest tests/tui/test_panes_snapshots.py --snapshot-update`."""

from collections.abc import Callable

from textual.pilot import Pilot

from hatlab import events as e
from hatlab.session import Batch
from hatlab.state.model import LabState
from hatlab.tui.log.pane import LogPane
from hatlab.tui.packets.detail import PacketDetail
from hatlab.tui.packets.pane import Packets
from hatlab.tui.timeline.pane import Timeline
from tests.support.story import story
from tests.tui.harness import PaneApp, fold_batches, settle

Compare = Callable[..., bool]


def test_timeline_failover(snap_compare: Compare) -> None:
    app = PaneApp([Timeline()], fold_batches(story(24.0)))
    assert snap_compare(app, terminal_size=(100, 10), run_before=settle)


def test_timeline_moment(snap_compare: Compare) -> None:
    async def select(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await pilot.press("minus", *["left_square_bracket"] * 3)

    app = PaneApp([Timeline()], fold_batches(story(36.0)))
    assert snap_compare(app, terminal_size=(80, 9), run_before=select)


def test_packets_split_brain(snap_compare: Compare) -> None:
    app = PaneApp([Packets()], fold_batches(story(36.0)))
    assert snap_compare(app, terminal_size=(80, 24), run_before=settle)


def test_packet_detail(snap_compare: Compare) -> None:
    packets = Packets()

    async def explain(pilot: Pilot[None]) -> None:
        await settle(pilot)
        packets.seek(13.5)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PacketDetail)
        await pilot.app.workers.wait_for_complete()
        await settle(pilot)
        await pilot.press(*["down"] * 22)
        await settle(pilot)

    app = PaneApp([packets], fold_batches(story(20.0)))
    assert snap_compare(app, terminal_size=(120, 36), run_before=explain)


def test_log_cjk(snap_compare: Compare) -> None:
    pane = LogPane()

    async def say(pilot: Pilot[None]) -> None:
        await settle(pilot)
        texts = [
            "数据库已启动，准备好接受连接。",
            "错误：复制中断。表“账户”中存在重复的主键，应用线程已停止；请先比较两台服务器上的数据，然后再恢复复制。",
            "mixed 混合 text 文本 in one 一行 line",
        ]
        logs = tuple(e.Log(at=25.0, node="db1", service="mysqld", text=text) for text in texts)
        pane.feed(Batch(logs, LabState()))
        await settle(pilot)

    app = PaneApp([pane], fold_batches(story(24.7)))
    assert snap_compare(app, terminal_size=(80, 24), run_before=say)
