"""Markup and wide characters on the screen: what comes from outside is shown as it is, in its place."""

from hatlab import events as e
from hatlab.tui.log.pane import LogPane
from hatlab.tui.map.node_box import NodeBox
from tests.tui.apps import running

MARKUP = "[red]x[/red] [@click=app.quit]y[/] [link=http://evil.example]z[/link] [/] [bold"
WIDE = "VI_" + "你好" * 12


async def test_markup_of_others_is_text_and_wide_names_stay_in_their_box() -> None:
    async with running(size=(120, 40)) as lab:
        at = lab.app.state.at
        lab.app.session.emit(
            [
                e.Log(at=at, node="db1", service="keepalived", text=MARKUP),
                e.Vrrp(at=at, node="db1", instance=WIDE, state="MASTER", priority=100),
                e.Vrrp(at=at, node="db1", instance=MARKUP, state="BACKUP", priority=100),
            ]
        )
        await lab.wait_until_seen()
        await lab.press("3")
        shown = lab.app.screen.query_one(LogPane).model.entries[-6:]
        assert any(MARKUP in entry.text for entry in shown)
        await lab.pilot.click(LogPane, offset=(5, 3))
        assert lab.app.is_running, "nothing in a text is a link or an action"
        boxes = list(lab.app.screen.query(NodeBox))
        assert boxes
        for box in boxes:
            assert all(line.cell_length <= box.size.width for line in box.build()), box.node
        for x in range(0, 120, 6):
            for y in range(2, 38, 6):
                style = lab.app.screen.get_style_at(x, y)
                assert "evil" not in str(style.link), (x, y)
                assert "app.quit" not in str(style.meta), (x, y)
