"""Extensions on the screen: an action in the menu and on the line, and a broken one as a notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatlab.tui.screens.menu import ActionMenu
from tests.support.installed_extensions import find_in, install, install_example
from tests.tui.apps import running


async def test_an_action_of_a_package_is_in_the_menu_and_a_broken_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_example(tmp_path)
    install(tmp_path, "broken-one", {"action x": "X"}, "import nowhere")
    find_in(tmp_path, monkeypatch)
    async with running() as lab:
        await lab.reach(ActionMenu, "a")
        await lab.until(lambda: "broken-one" in lab.notices, "the notice")
        assert "the action 'x' of broken-one 1.0 cannot be loaded" in lab.notices
        await lab.press(*"strike mysqld")
        await lab.press("enter")
        await lab.until(lambda: lab.engine.acted, "the action")
        assert [str(action) for action in lab.engine.acted] == ["kill mysqld db1"]
