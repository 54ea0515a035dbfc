"""The editor of one text, for nano and vi of a simulated node."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.tui.editor.file_editor import FileEditor


@pytest.mark.parametrize(
    ("keys", "status", "left"),
    [
        (["a", "enter", "ctrl+s"], 0, "a\nfirst\n"),
        (["a", "escape"], 1, "first\n"),
        (["a", "ctrl+q"], 1, "first\n"),
    ],
)
async def test_only_ctrl_s_saves(tmp_path: Path, keys: list[str], status: int, left: str) -> None:
    copy = tmp_path / "text"
    copy.write_text("first\n")
    app = FileEditor("keepalived.conf", copy)
    async with app.run_test() as pilot:
        await pilot.press(*keys)
    assert app.return_value == status
    assert copy.read_text() == left
    assert [path.name for path in tmp_path.iterdir()] == ["text"]


async def test_escape_ends_a_search_before_it_ends_the_editor(tmp_path: Path) -> None:
    copy = tmp_path / "text"
    copy.write_text("first\nsecond, and a second second\n")
    app = FileEditor("keepalived.conf", copy)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+f", *"second", "enter", "enter")
        assert app.text.selection.start == (1, 21)
        await pilot.press("enter", "up")
        assert app.text.selection.start == (1, 21), "round, and back"
        await pilot.press("escape")
        assert app.focused is app.text
        await pilot.press("escape")
    assert app.return_value == 1


async def test_a_new_line_begins_where_the_one_before_it_begins(tmp_path: Path) -> None:
    copy = tmp_path / "text"
    copy.write_text("block {\n    first\n}\n")
    app = FileEditor("keepalived.conf", copy)
    async with app.run_test() as pilot:
        await pilot.press("down", "end", "enter", *"second", "enter", *"third", "ctrl+s")
    assert copy.read_text() == "block {\n    first\n    second\n    third\n}\n"
