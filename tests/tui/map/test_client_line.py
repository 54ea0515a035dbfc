"""Where a client's path leads."""

from __future__ import annotations

import pytest

from hatlab.tui.map.client_line import ClientLine
from hatlab.tui.map.node_box import NodeBox
from tests.support.story_engine import StoryEngine
from tests.tui.apps import RunningApp, running


def _end_of_path(lab: RunningApp) -> int:
    line = lab.app.screen.query_one(ClientLine)
    return line.content_region.x + line.build()[0].plain.index("╯")


@pytest.mark.parametrize("until", [8.0, 15.0], ids=["to db1", "to db2"])
async def test_a_path_ends_beneath_the_middle_of_the_node_that_answers(until: float) -> None:
    async with running(StoryEngine(until), size=(140, 45)) as lab:
        box = lab.app.screen.query_one("#node-db1" if until < 10 else "#node-db2", NodeBox)
        for size in [(140, 45), (200, 60), (160, 48)]:
            await lab.pilot.resize_terminal(*size)  # nothing new happens in the lab
            await lab.until(lambda: _end_of_path(lab) == box.region.x + box.region.width // 2, f"{size}")
