"""The editor of keepalived.conf: what it checks, applies, marks and asks."""

from __future__ import annotations

import re

import pytest
from textual.events import Key

from hatlab.actions import Action
from hatlab.events import Conf, Process
from hatlab.tui.app.app import LabApp
from hatlab.tui.editor.findings import SIGNS
from hatlab.tui.editor.screen import ConfEditor
from hatlab.tui.editor.text_area import ConfTextArea
from hatlab.tui.messages import ConfDiagnosed
from hatlab.tui.screens.dialog import ConfirmDialog
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.widgets.bullet_list import BulletList
from tests.support.story_engine import StoryEngine
from tests.tui.apps import RunningApp, running
from tests.tui.simulated import screen_lines

NO_PRIORITY = "(keepalived.conf: Line 23) (VI_1) priority 'x' must be between 1 and 255"
"""What keepalived says of `open_misspelt`."""


async def open_editor(lab: RunningApp) -> ConfTextArea:
    editor = await lab.reach(ConfEditor, "e")
    await lab.until(lambda: editor.text.has_focus, "the text to have the keys")
    return editor.text


@pytest.fixture
async def text(lab: RunningApp) -> ConfTextArea:
    """The text in the editor, which has been opened."""
    return await open_editor(lab)


async def open_misspelt(lab: RunningApp) -> ConfTextArea:
    """The editor with a priority that is none."""
    text = await open_editor(lab)
    text.load_text(text.text.replace("priority 150", "priority x"))
    return text


def findings_text(lab: RunningApp) -> str:
    """What is said beneath the text, as one line."""
    return re.sub(r"\n\s*", " ", str(lab.app.screen.query_one("#findings-text", BulletList).render()))


async def test_a_checked_text_is_applied_by_edit_and_reload(lab: RunningApp, text: ConfTextArea) -> None:
    assert text.text == lab.app.state.nodes["db1"].conf
    text.load_text(text.text.replace("priority 150", "priority 90"))
    await lab.press("ctrl+r")
    await lab.until(lambda: len(lab.engine.acted) == 2, "edit and reload")
    edit, reload = lab.engine.acted
    assert (edit, reload) == (Action("edit", ("db1", "keepalived.conf")), Action("reload", ("db1",)))
    assert "priority 90" in edit.text
    assert isinstance(lab.app.screen, LabScreen)


async def test_what_keepalived_finds_wrong_is_not_applied() -> None:
    async with running(StoryEngine(findings=[NO_PRIORITY])) as lab:
        text = await open_misspelt(lab)
        await lab.press("ctrl+r")
        await lab.until(lambda: "must be between" in findings_text(lab), "the finding")
        assert text.cursor_location[0] == 22
        assert lab.engine.acted == []


async def test_a_cursor_on_the_line_of_a_finding_stays_where_it_is() -> None:
    async with running(StoryEngine(findings=[NO_PRIORITY])) as lab:
        text = await open_misspelt(lab)
        text.move_cursor((22, 7))
        await lab.press("ctrl+s")
        await lab.until(lambda: "must be between" in findings_text(lab), "the finding")
        assert text.cursor_location == (22, 7)


@pytest.mark.usefixtures("text")
async def test_check_alone_applies_nothing(lab: RunningApp) -> None:
    await lab.press("ctrl+s")
    await lab.until(lambda: "accepts this file" in findings_text(lab), "the verdict")
    assert lab.engine.acted == []


async def test_the_difference_is_shown_and_the_first_text_restored(
    lab: RunningApp, text: ConfTextArea
) -> None:
    text.load_text(text.text.replace("priority 150", "priority 90"))
    await lab.press("f3")
    assert "+    priority 90" in findings_text(lab)
    await lab.press("f8")
    assert text.text == lab.app.state.nodes["db1"].original_conf


async def test_closing_asks_only_if_something_was_changed(lab: RunningApp, text: ConfTextArea) -> None:
    await lab.reach(LabScreen, "escape")
    text = await open_editor(lab)
    text.insert("# mine\n")
    await lab.reach(ConfirmDialog, "escape")
    await lab.press("n")
    assert isinstance(lab.app.screen, ConfEditor)
    await lab.reach(LabScreen, "escape", "y")
    assert lab.engine.acted == []


TYPED = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"


async def test_a_burst_of_keys_arrives_whole_and_in_order(lab: RunningApp, text: ConfTextArea) -> None:
    before = text.text
    for letter in TYPED:
        lab.app.post_message(Key(letter, letter))
    await lab.until(lambda: len(text.text) == len(before) + len(TYPED), "all keys")
    assert text.text == TYPED + before


async def test_keys_typed_before_the_editor_is_there_are_not_lost(lab: RunningApp) -> None:
    for letter in "e" + TYPED:
        lab.app.post_message(Key(letter, letter))
    await lab.until(lambda: isinstance(lab.app.screen, ConfEditor), "the editor")
    editor = lab.app.screen
    assert isinstance(editor, ConfEditor)
    await lab.until(lambda: editor.text.text.startswith(TYPED), "all keys")


async def test_a_diagnosis_after_the_end_of_the_editor_is_ignored(
    lab: RunningApp, text: ConfTextArea
) -> None:
    editor = lab.app.screen
    assert isinstance(editor, ConfEditor)
    await lab.press("escape")
    await lab.until(lambda: lab.app.screen is not editor and not editor.is_attached, "the end of the editor")
    editor.on_conf_diagnosed(ConfDiagnosed(editor.text.text, []))


def gutter(text: ConfTextArea, line: int) -> str:
    """What stands before a line (from 1) that is in view."""
    strip = text.render_line(line - 1 - text.scroll_offset.y)
    return strip.crop(0, text.gutter_width).text


def line_with(text: ConfTextArea, words: str) -> int:
    return next(k for k, line in enumerate(text.text.splitlines(), 1) if words in line)


async def test_what_hatlab_finds_is_marked_while_one_types(lab: RunningApp, text: ConfTextArea) -> None:
    await lab.until(lambda: "hatlab finds no problem" in findings_text(lab), "the first reading")
    line = line_with(text, "priority 150")
    assert gutter(text, line) == f"{line:>2}  "
    text.move_cursor((line - 1, 4))
    await lab.press("x")
    await lab.until(lambda: text.signs.get(line), "the sign")
    assert gutter(text, line) == f"{line:>2}{SIGNS[text.signs[line]][0]} "
    assert "`xpriority`" in findings_text(lab)
    assert "did you mean `priority`?" in findings_text(lab)
    await lab.press("backspace")
    await lab.until(lambda: not text.signs, "the sign to go")
    assert "hatlab finds no problem" in findings_text(lab)
    assert lab.engine.acted == []


async def test_a_mistake_between_the_nodes_is_found(lab: RunningApp, text: ConfTextArea) -> None:
    text.load_text(text.text.replace("auth_pass hatlab", "auth_pass other"))
    line = line_with(text, "auth_pass other")
    await lab.until(lambda: text.signs.get(line) == "error", "the sign")
    text.move_cursor((line - 1, 0))
    await lab.until(lambda: "db2" in findings_text(lab), "the message")


async def test_f4_goes_from_finding_to_finding(lab: RunningApp, text: ConfTextArea) -> None:
    changed = text.text.replace("auth_pass hatlab", "auth_pass other")
    text.load_text(changed.replace("priority 150", "priotity 150"))
    await lab.until(lambda: len(text.signs) >= 2, "two signs")
    assert "F4" in findings_text(lab)
    seen = []
    for _ in text.signs:
        await lab.press("f4")
        seen.append(text.cursor_location[0] + 1)
    assert seen == sorted(text.signs)
    await lab.press("f4")
    assert text.cursor_location[0] + 1 == seen[0]


async def test_keepalived_has_the_last_word_on_what_hatlab_finds(lab: RunningApp, text: ConfTextArea) -> None:
    text.load_text(text.text.replace("auth_pass hatlab", "auth_pass other"))
    await lab.until(lambda: text.signs, "the sign")
    await lab.press("ctrl+s")
    await lab.until(lambda: "keepalived accepts this file" in findings_text(lab), "the verdict")
    assert text.signs
    await lab.press("ctrl+r")
    await lab.until(lambda: len(lab.engine.acted) == 2, "edit and reload")


async def test_the_verdict_of_keepalived_stays_with_the_findings_of_the_line() -> None:
    said = ["(keepalived.conf: Line 5) Unknown keyword 'vrrp_skript'"]
    async with running(StoryEngine(findings=said)) as lab:
        text = await open_editor(lab)
        text.load_text(text.text.replace("auth_pass hatlab", "auth_pass other"))
        line = line_with(text, "auth_pass other")
        await lab.until(lambda: text.signs, "the sign")
        await lab.press("ctrl+s")
        await lab.until(lambda: "vrrp_skript" in findings_text(lab), "keepalived's word")
        text.move_cursor((line - 1, 0))
        await lab.until(lambda: "db2" in findings_text(lab), "hatlab's")
        assert "vrrp_skript" in findings_text(lab)
        await lab.press("end", "space")
        await lab.until(lambda: "vrrp_skript" not in findings_text(lab), "a changed text is another one")


async def test_a_rejected_text_is_applied_when_asked_for_again() -> None:
    async with running(StoryEngine(findings=[NO_PRIORITY])) as lab:
        text = await open_misspelt(lab)
        await lab.press("ctrl+s")
        await lab.until(lambda: "must be between" in findings_text(lab), "the finding")
        assert "applied" not in findings_text(lab), "it was only checked"
        await lab.press("ctrl+r")
        await lab.until(lambda: "keepalived rejects this file." in findings_text(lab), "the doubt")
        text.load_text(text.text.replace("priority x", "priority y"))
        await lab.until(lambda: "Not applied" not in findings_text(lab), "the other text")
        await lab.press("ctrl+r")
        await lab.until(lambda: "press Ctrl+R again" in findings_text(lab), "the doubt of that")
        assert lab.engine.acted == []
        await lab.press("ctrl+r")
        await lab.until(lambda: len(lab.engine.acted) == 2, "edit and reload")
        assert "priority y" in lab.engine.acted[0].text


async def test_f2_inserts_what_the_lesson_shows_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    snippets = ("vrrp_script mysql {\n}", "    track_script {\n        mysql\n    }")
    monkeypatch.setattr(LabApp, "lesson_snippets", snippets)
    async with running() as lab:
        text = await open_editor(lab)
        before = text.text
        row = line_with(text, "vrrp_instance VI_1") - 1
        text.move_cursor((row, 4))
        await lab.press("f2")
        assert text.text.split("\n")[row : row + 3] == ["vrrp_script mysql {", "}", "vrrp_instance VI_1 {"]
        assert text.cursor_location == (row + 2, 4)
        await lab.until(lambda: "Piece 1 of 2" in findings_text(lab), "the word")
        await lab.press("down", "f2")
        assert text.text.split("\n")[row + 3 : row + 6] == snippets[1].split("\n")
        await lab.press("ctrl+z", "ctrl+z")
        assert text.text == before


async def test_a_keepalived_that_does_not_run_is_not_told_to_reload(lab: RunningApp) -> None:
    lab.engine.tell(Process(at=20.0, node="db1", service="keepalived", state="down", reason="killed"))
    await lab.until(lambda: lab.app.state.nodes["db1"].service("keepalived").state == "down", "its end")
    text = await open_editor(lab)
    text.load_text(text.text.replace("priority 150", "priority 90"))
    await lab.reach(LabScreen, "ctrl+r")
    assert [action.verb for action in lab.engine.acted] == ["edit"]


@pytest.mark.usefixtures("text")
async def test_f2_without_a_lesson_says_so(lab: RunningApp) -> None:
    await lab.press("f2")
    await lab.until(lambda: "shows no configuration" in findings_text(lab), "the word")


async def older(lab: RunningApp) -> str:
    """Puts another keepalived.conf onto db1 without telling its keepalived; returns it."""
    text = lab.app.state.nodes["db1"].conf.replace("priority 150", "priority 90")
    lab.engine.tell(Conf(at=8.1, node="db1", text=text))
    await lab.wait_until_seen()
    return text


async def test_a_file_that_was_not_reloaded_is_reloaded_by_apply(lab: RunningApp) -> None:
    changed = await older(lab)
    text = await open_editor(lab)
    assert text.text == changed
    assert "keepalived still runs with an older keepalived.conf" in findings_text(lab)
    await lab.press("f3")
    assert "+    priority 90" in findings_text(lab), "compared with what it runs by"
    await lab.press("ctrl+r")
    await lab.until(lambda: lab.engine.acted == [Action("reload", ("db1",))], "the reload")


@pytest.mark.usefixtures("text")
async def test_apply_without_a_change_says_so(lab: RunningApp) -> None:
    await lab.press("ctrl+r")
    assert "Nothing has changed" in findings_text(lab)


async def test_mend_names_a_file_that_was_not_reloaded(lab: RunningApp) -> None:
    await older(lab)
    await lab.press("u")
    assert "reload db1" in lab.notices


async def test_f4_without_a_finding_says_so_also_once_the_text_is_restored(
    lab: RunningApp, text: ConfTextArea
) -> None:
    await lab.press("f8")
    assert "the text the lab began with" in findings_text(lab)
    await lab.press("f4")
    assert "hatlab finds no problem" in findings_text(lab)
    text.load_text(text.text.replace("priority 150", "priotity 150"))
    await lab.until(lambda: text.signs, "the sign")
    await lab.press("f8", "f4")
    await lab.until(lambda: "hatlab finds no problem" in findings_text(lab), "the original's")


async def test_f4_waits_until_the_text_is_diagnosed(lab: RunningApp, text: ConfTextArea) -> None:
    text.load_text(text.text.replace("priority 150", "priotity 150"))
    await lab.press("f4")
    await lab.until(lambda: text.signs, "the reading")
    await lab.until(lambda: text.cursor_location[0] + 1 == min(text.signs), "the first finding")


async def test_what_keepalived_only_warns_of_is_applied_and_shown() -> None:
    """As in the lesson on nopreempt: keepalived clears it, and runs with the rest of the file."""
    warning = "(VI_1) Warning - nopreempt will not work with initial state MASTER - clearing"
    async with running(StoryEngine(findings=[warning])) as lab:
        text = await open_editor(lab)
        text.load_text(text.text.replace("priority 150", "priority 90"))
        await lab.press("ctrl+s")
        await lab.until(lambda: "accepts this file, with a warning" in findings_text(lab), "the verdict")
        await lab.reach(LabScreen, "ctrl+r")
        assert [action.verb for action in lab.engine.acted] == ["edit", "reload"]
        assert "nopreempt will not work" in lab.notices


async def test_a_finding_is_one_line_on_a_low_screen_until_its_details_are_asked_for() -> None:
    async with running(StoryEngine(), size=(80, 24)) as lab:
        text = await open_editor(lab)
        text.load_text(text.text.replace("priority 150", "prioritty 150"))
        text.move_cursor((22, 0))
        await lab.until(lambda: "KA005" in findings_text(lab), "the finding")
        brief = lab.app.screen.query_one("#findings-text").size.height
        await lab.press("f5")
        await lab.until(lambda: lab.app.screen.query_one("#findings-text").size.height > brief, "the details")
        assert brief <= 2


async def test_ctrl_f_finds_words_and_loses_none(lab: RunningApp, text: ConfTextArea) -> None:
    before = text.text
    await lab.type_in_burst("ctrl+f", *"PRIORITY")
    await lab.until(lambda: text.selected_text == "priority", "the first place")
    assert "1 of " in "\n".join(screen_lines(lab.pilot))
    await lab.type_in_burst("backspace", *"y 15")
    await lab.until(lambda: text.selected_text == "priority 15", "the rest of it")
    first = text.selection
    await lab.press("enter")
    await lab.pilot.pause()
    assert text.selection.start == first.start, "there is only this one"
    await lab.type_in_burst(*"zzz")
    await lab.until(lambda: "not found" in "\n".join(screen_lines(lab.pilot)), "that it is not there")
    await lab.press("escape")
    assert lab.app.focused is text, "the editor is still open"
    assert text.text == before


async def test_the_rest_of_a_file_is_selected_and_deleted_in_one_burst(
    lab: RunningApp, text: ConfTextArea
) -> None:
    first = text.text.partition("\n")[0]
    await lab.type_in_burst("ctrl+end", *"# end", "ctrl+home", "end", "ctrl+shift+end", "delete", *" # x")
    assert text.text == f"{first} # x"
    await lab.type_in_burst("ctrl+shift+home", "delete")
    assert text.text == ""
