"""The banner on screens of several heights."""

from __future__ import annotations

from hatlab import events as e
from hatlab.state.fold import fold
from hatlab.tui.widgets.header import Banner
from tests.support.story_engine import StoryEngine
from tests.tui.apps import running
from tests.tui.learning import SMALL, WIDE


async def test_a_low_screen_shows_one_condition_and_how_many_more() -> None:
    lost = e.Condition(at=36.0, name="misdirected", present=True, detail="client still sends to db2")
    async with running(StoryEngine(36.0), size=SMALL) as lab:
        banner = lab.app.screen.query_one(Banner)
        banner.show(fold(lab.app.state, lost))
        (told,) = banner.sentences
        assert told.startswith("⚠ SPLIT BRAIN")
        assert told.endswith("(+1 more condition: key 3, the log)")
    async with running(StoryEngine(36.0), size=WIDE) as lab:
        banner = lab.app.screen.query_one(Banner)
        banner.show(fold(lab.app.state, lost))
        assert banner.sentences[1] == "⚠ MISDIRECTED  client still sends to db2."
