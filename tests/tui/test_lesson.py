"""A lesson beside the lab, as a learner goes through it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.lessons.notebook import Notebook
from tests.tui.learning import app_with, fake, learning

WIDE, SMALL = (140, 45), (80, 24)


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=str)
async def test_a_lesson_from_its_beginning_to_its_end(size: tuple[int, int], tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "progress.json")
    app = app_with(fake(), notebook=notebook, following="Timers")
    async with learning(app, size=size) as lab:
        assert lab.step == 0
        await lab.answer("down")
        assert "Look at the stars" in lab.text
        await lab.answer("up")
        assert "you said db1" in lab.text
        assert "☐ Make the client's server fall silent." in lab.text
        await lab.tell_until(10.2)
        await lab.until(lambda: "☑ Make the client's server" in lab.text, "the tick")
        await lab.press("n")
        assert lab.step == 1
        await lab.answer("3", ".", "6")
        assert "you said 3.6 s — locked" in lab.text
        await lab.answer("down")
        assert lab.engine.acted == []
        await lab.tell_until(15.0)
        await lab.until(lambda: "☑ Wait until" in lab.text, "the tick")
        assert "you said 3.6 s — it was 3.90 s" in lab.text
        assert "waited one skew: 0.609 s" in lab.text
        assert "right: you said db2" in lab.text
        assert "db2 → ★ MASTER · w tells why" in lab.text
        await lab.press("n")
        assert "You can now" in lab.text
        assert "the next lesson: Timers" in lab.text
        await lab.press("n")
        assert lab.guide.onward
        await lab.until(lambda: lab.app._over, "the end")
    assert notebook.lessons["kill"]["finished"]
