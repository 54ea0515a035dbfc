from __future__ import annotations

from textual.events import Key
from textual.widgets import Static

from lab.actions import Action
from lab.tui.conf_text import ConfText, line_of
from lab.tui.dialogs import Question
from lab.tui.editor import Editor
from lab.tui.lab_screen import LabScreen
from tests.tui.apps import Running, running
from tests.tui.fake import FakeEngine


async def opened(lab: Running) -> ConfText:
    await lab.press("e")
    await lab.until(lambda: isinstance(lab.app.screen, Editor), "the editor")
    return lab.app.screen.query_one(ConfText)


def findings(lab: Running) -> str:
    return str(lab.app.screen.query_one("#findings-text", Static).render())


async def test_a_checked_text_is_applied_by_edit_and_reload() -> None:
    async with running() as lab:
        text = await opened(lab)
        assert text.text == lab.app.state.nodes["db1"].conf
        text.load_text(text.text.replace("priority 150", "priority 90"))
        await lab.press("ctrl+r")
        await lab.until(lambda: len(lab.engine.acted) == 2, "edit and reload")
        edit, reload = lab.engine.acted
        assert (edit, reload) == (Action("edit", ("db1", "keepalived.conf")), Action("reload", ("db1",)))
        assert "priority 90" in edit.text
        assert isinstance(lab.app.screen, LabScreen)


async def test_what_keepalived_finds_wrong_is_not_applied() -> None:
    found = ["(keepalived.conf: Line 23) (VI_1) priority 'x' must be between 1 and 255"]
    async with running(FakeEngine(findings=found)) as lab:
        text = await opened(lab)
        text.load_text(text.text.replace("priority 150", "priority x"))
        await lab.press("ctrl+r")
        await lab.until(lambda: "must be between" in findings(lab), "the finding")
        assert text.cursor_location[0] == 22
        assert lab.engine.acted == []


async def test_check_alone_applies_nothing() -> None:
    async with running() as lab:
        await opened(lab)
        await lab.press("ctrl+s")
        await lab.until(lambda: "nothing wrong" in findings(lab), "the verdict")
        assert lab.engine.acted == []


async def test_compare_and_original() -> None:
    async with running() as lab:
        text = await opened(lab)
        text.load_text(text.text.replace("priority 150", "priority 90"))
        await lab.press("f3")
        assert "+    priority 90" in findings(lab)
        await lab.press("f8")
        assert text.text == lab.app.state.nodes["db1"].original_conf


async def test_closing_asks_only_if_something_was_changed() -> None:
    async with running() as lab:
        await opened(lab)
        await lab.press("escape")
        await lab.until(lambda: isinstance(lab.app.screen, LabScreen), "the lab")
        text = await opened(lab)
        text.insert("# mine\n")
        await lab.press("escape")
        await lab.until(lambda: isinstance(lab.app.screen, Question), "the question")
        await lab.press("n")
        assert isinstance(lab.app.screen, Editor)
        await lab.press("escape", "y")
        await lab.until(lambda: isinstance(lab.app.screen, LabScreen), "the lab")
        assert lab.engine.acted == []


def test_line_of_a_finding() -> None:
    assert line_of("(/etc/keepalived/keepalived.conf: Line 7) Unknown keyword 'x'") == 7
    assert line_of("config error") is None


TYPED = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"


async def test_a_burst_of_keys_arrives_whole_and_in_order() -> None:
    async with running() as lab:
        text = await opened(lab)
        before = text.text
        for letter in TYPED:
            lab.app.post_message(Key(letter, letter))
        await lab.until(lambda: len(text.text) == len(before) + len(TYPED), "all keys")
        assert text.text == TYPED + before


async def test_keys_typed_before_the_editor_is_there_are_not_lost() -> None:
    async with running() as lab:
        for letter in "e" + TYPED:
            lab.app.post_message(Key(letter, letter))
        await lab.until(lambda: isinstance(lab.app.screen, Editor), "the editor")
        text = lab.app.screen.query_one(ConfText)
        await lab.until(lambda: text.text.startswith(TYPED), "all keys")
