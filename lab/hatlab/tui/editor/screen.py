"""keepalived.conf of one node: edit, read what is wrong, have its keepalived check it, compare, apply.

What hatlab finds is marked while one types; the node's `keepalived -t` has the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.timer import Timer
from textual.widgets import Button

from hatlab.actions import Action
from hatlab.diagnostics.finding import Finding
from hatlab.tui.background import attempt, run_in_background
from hatlab.tui.editor.find import FIND, TextFind
from hatlab.tui.editor.findings import (
    SIGNS,
    findings_on,
    findings_summary,
    named_line,
    next_finding_line,
    rejections,
    worst_by_line,
)
from hatlab.tui.editor.text_area import ConfTextArea, diff_content
from hatlab.tui.keys import key_of
from hatlab.tui.messages import ActionRequested, ConfChecked, ConfDiagnosed
from hatlab.tui.screens.dialog import ConfirmDialog, Dialog, dialog_box
from hatlab.tui.widgets.bullet_list import Bullet, BulletList
from hatlab.tui.widgets.header import LOW_SCREEN
from hatlab.tui.widgets.line_widget import styled
from hatlab.util.safe_text import safe_text

FILE = "keepalived.conf"
_FACTS_ONLY = "Facts only. Press {key} to ask keepalived about this file."
"""Stands in place of hatlab's own findings while what it concludes is hidden."""
_NOT_APPLIED = "Not applied: keepalived rejects this file. Fix it, or press {key} again to apply it anyway."
TYPING_PAUSE = 0.25
"""Seconds without a key after which the text is diagnosed."""


class ConfEditor(Dialog[None]):
    """Applies a text by an `edit` and a `reload`, once the node's keepalived found nothing wrong in it.

    A text in which it did is applied when that is asked for a second time.

    Args:
        node: whose file it is.
        current: its text now.
        loaded: the text that its keepalived runs by; another one if the file was not reloaded since.
        original: its text when the lab, or a lesson's step, began.
        check: (node, text) → what the node's keepalived says; blocks.
        peers: node → text of the others, as some mistakes are between them.
        addresses: the node's own.
        running: True if its keepalived runs; one that does not reads the file at its start.
        snippets: pieces of configuration that a lesson shows now.
        facts_only: leave out what hatlab finds.
        beginning: what began with the original text, for a sentence.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "check", "check", id="editor.check", tooltip="Ask the node's keepalived", priority=True
        ),
        Binding(
            "ctrl+r",
            "apply",
            "apply",
            id="editor.apply",
            tooltip="Check it, then reload keepalived with it",
            priority=True,
        ),
        Binding(
            "f3", "compare", "compare", id="editor.compare", tooltip="Show the difference", priority=True
        ),
        Binding(
            "f2", "insert_snippet", "the lesson's", id="editor.piece", tooltip="Insert what the lesson shows"
        ),
        FIND,
        Binding("f8", "restore", "original", id="editor.restore", tooltip="Restore the original text"),
        Binding(
            "f5",
            "details",
            "details",
            id="editor.details",
            tooltip="What follows from a finding, and its cure",
        ),
        Binding("f4", "next", "next finding", id="editor.next", tooltip="Go to the next line with a finding"),
        Binding(
            "escape",
            "close",
            "close",
            id="editor.close",
            tooltip="Close without changing anything",
            priority=True,
        ),
    ]
    KEPT_BENEATH = True

    def __init__(
        self,
        node: str,
        current: str,
        loaded: str,
        original: str,
        check: Callable[[str, str], list[str]],
        *,
        peers: Mapping[str, str] | None = None,
        addresses: tuple[str, ...] = (),
        running: bool = True,
        snippets: tuple[str, ...] = (),
        facts_only: bool = False,
        beginning: str = "the lab",
    ) -> None:
        super().__init__()
        self._beginning = beginning
        self._node = node
        self._current = current
        self._loaded = loaded
        self._original = original
        self._check = check
        self._apply_next = False
        self._submitted = ""
        self._rejected: str | None = None
        """The text that was to be applied, and in which keepalived found something wrong."""
        self.text, self._report = ConfTextArea(current, id="conf"), BulletList(id="findings-text")
        self._find = TextFind(self.text)
        self._peers, self._addresses = dict(peers or {}), addresses
        self._keepalived_runs = running
        self._facts_only = facts_only
        self._snippets, self._snippets_inserted = snippets, 0
        self._findings: list[Finding] = []
        self._diagnosed_text: str | None = None
        """The text in which they were found, None before the first was diagnosed."""
        self._go_when_diagnosed = False
        """True if the cursor is to go to the next finding in a text that is still being diagnosed."""
        self._verdict: tuple[Bullet, ...] = ()
        """keepalived's answer, or another sentence that stays until the text changes."""
        self._detailed: bool | None = None
        """True if findings are shown in full, None if that depends on the room there is."""
        self._verdict_text = ""
        self._diagnose_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        lesson = f"{key_of('editor.piece')} insert from the lesson · " if self._snippets else ""
        find, following, details = map(key_of, ("editor.find", "editor.next", "editor.details"))
        keys = f"{lesson}{find} find · {following} next finding · {details} details"
        with dialog_box(f"{self._node}: {FILE}", keys, "editor"):
            yield self.text
            yield self._find
            with VerticalScroll(id="findings"):
                yield self._report
            with Horizontal(id="editor-buttons"):
                yield Button(f"{key_of('editor.check')} Check", id="check", compact=True)
                yield Button(f"{key_of('editor.apply')} Apply", id="apply", variant="primary", compact=True)
                yield Button(f"{key_of('editor.compare')} Compare", id="compare", compact=True)
                yield Button(f"{key_of('editor.restore')} Original", id="restore", compact=True)
                yield Button(f"{key_of('editor.close')} Close", id="close", compact=True)

    def on_mount(self) -> None:
        self.text.focus()
        if self._current != self._loaded:
            self._show_verdict(
                f"keepalived still runs with an older {FILE}. "
                f"Press {key_of('editor.compare')} to compare them, "
                f"or {key_of('editor.apply')} to reload.",
                "warn",
            )
        self._diagnose()

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        await self.run_action(f"{event.button.id}()")

    def action_check(self) -> None:
        self._ask_keepalived(apply_next=False)

    def action_apply(self) -> None:
        if self.text.text == self._current == self._loaded:
            self._show_verdict("Nothing has changed, so there is nothing to apply.", "quiet")
            return
        self._ask_keepalived(apply_next=True)

    def _ask_keepalived(self, *, apply_next: bool) -> None:
        self._apply_next = apply_next
        self._submitted = self.text.text
        self._show_verdict("◔ asking keepalived…", "warn")
        check, text = partial(self._check, self._node, self._submitted), self._submitted

        def ask() -> ConfChecked:
            complaints, error = attempt(check, "the check failed: ")
            return ConfChecked(complaints, error, tuple(self._find_in(text)))

        run_in_background(self, ask)

    def on_conf_checked(self, message: ConfChecked) -> None:
        if message.findings is None:
            assert message.error is not None
            self._show_verdict(f"✖ {message.error.in_one_line}", "bold fault")
            return
        complaints = message.findings
        errors = rejections(complaints, message.diagnosis)
        if self._apply_next and self._submitted == self.text.text and not errors:
            self._apply_submitted(complaints)
            return
        if errors and self._apply_next and self._submitted == self._rejected == self.text.text:
            self._apply_submitted()
            return
        lines = [line for line in map(named_line, errors or complaints) if line is not None]
        self.text.underline_lines(lines)
        if complaints:
            self._rejected = self._submitted if self._apply_next else None
            self._set_verdict(*self._complaint_bullets(complaints, errors))
            if lines and self.text.cursor_location[0] + 1 not in lines:
                self.text.move_cursor((lines[0] - 1, 0), center=True)
        elif not self._apply_next:
            self._show_verdict(
                f"✔ keepalived accepts this file. Press {key_of('editor.apply')} to apply it.", "master"
            )
        else:
            self._show_verdict(
                "Not applied: the text changed in the meantime. "
                f"Press {key_of('editor.apply')} to check and apply "
                "it as it is now.",
                "warn",
            )

    def _complaint_bullets(self, complaints: Sequence[str], errors: Sequence[str]) -> Iterator[Bullet]:
        """Yield keepalived's complaints, its errors first, behind what became of the text."""
        if errors and self._apply_next:
            yield (
                ("✖ ", "bold fault"),
                styled((_NOT_APPLIED.format(key=key_of("editor.apply")), "bold fault")),
            )
        elif not errors:
            yield (
                ("! ", "bold warn"),
                styled(
                    (
                        "keepalived accepts this file, with a warning. "
                        f"Press {key_of('editor.apply')} to apply it.",
                        "warn",
                    )
                ),
            )
        for line in sorted(complaints, key=lambda line: line not in errors):
            glyph, tone = SIGNS["error" if line in errors else "warning"]
            yield (f"{glyph} ", f"bold {tone}"), styled((f"keepalived: {safe_text(line)}", tone))

    def _apply_submitted(self, warnings: Sequence[str] = ()) -> None:
        actions = []
        if self._submitted != self._current:
            actions.append(Action("edit", (self._node, FILE), text=self._submitted))
        if self._keepalived_runs:
            actions.append(Action("reload", (self._node,)))
        self.app.post_message(ActionRequested(tuple(actions)))
        self.dismiss()
        if warnings:
            text = "\n".join(["Applied. keepalived warns:", *map(safe_text, warnings)])
            self.app.notify(text, severity="warning", timeout=10, markup=False)

    def action_insert_snippet(self) -> None:
        """Insert the next piece that the lesson shows above the cursor's line."""
        if not self._snippets:
            self._show_verdict("The lesson shows no configuration to insert here.", "quiet")
            return
        number = self._snippets_inserted % len(self._snippets)
        self._snippets_inserted += 1
        row = self.text.cursor_location[0]
        self.text.insert(f"{self._snippets[number]}\n", (row, 0), maintain_selection_offset=True)
        count = len(self._snippets)
        what = f"Piece {number + 1} of {count} from the lesson" if count > 1 else "The lesson's piece"
        self._show_verdict(
            f"{what} is inserted above the cursor's line. Press Ctrl+Z to undo it.",
            "quiet",
        )

    def action_compare(self) -> None:
        self._set_verdict((("", ""), diff_content(self._loaded, self.text.text)))

    def action_details(self) -> None:
        """Show findings in full, or each in one line."""
        self._detailed = not self._is_detailed
        self._update_report()

    @property
    def _is_detailed(self) -> bool:
        return self.app.size.height >= LOW_SCREEN if self._detailed is None else self._detailed

    def action_next(self) -> None:
        """Go to the next finding, as soon as the text is diagnosed."""
        self._go_when_diagnosed = self.text.text != self._diagnosed_text
        if self._go_when_diagnosed:
            return
        line = next_finding_line(self._findings, self.text.cursor_location[0] + 1)
        if line is not None:
            self.text.move_cursor((line - 1, 0), center=True)
        else:
            self._verdict = ()  # it would hide that nothing is found in the text
            self._update_report()

    def action_restore(self) -> None:
        self.text.load_text(self._original)
        applied = self._original == self._current == self._loaded
        then = "keepalived uses it" if applied else f"press {key_of('editor.apply')} to apply it"
        self._show_verdict(f"This is the text {self._beginning} began with; {then}.", "quiet")

    @property
    def has_changes(self) -> bool:
        """True if the text was changed and not applied."""
        return self.text.text != self._current

    def action_find(self) -> None:
        self._find.open("the file")

    def action_close(self) -> None:
        if self._find.display:
            self._find.action_close()
        elif not self.has_changes:
            self.dismiss()
        else:
            text = "They have not been applied."
            question = ConfirmDialog("discard your changes?", text, "discard them", "keep editing")
            self.app.push_screen(question, self._close_if)

    def _close_if(self, sure: bool | None) -> None:
        if sure:
            self.dismiss()

    def on_text_area_changed(self) -> None:
        self.text.underline_lines(())
        if self.text.text != self._verdict_text:
            self._verdict = ()
        if self._diagnose_timer is not None:
            self._diagnose_timer.stop()
        self._diagnose_timer = self.set_timer(TYPING_PAUSE, self._diagnose)

    def on_text_area_selection_changed(self) -> None:
        self._update_report()

    def _diagnose(self) -> None:
        text = self.text.text
        run_in_background(self, lambda: ConfDiagnosed(text, [] if self._facts_only else self._find_in(text)))

    def _find_in(self, text: str) -> list[Finding]:
        from hatlab.keepalived.diagnose import diagnose_config

        names, addresses = tuple(self._peers), self._addresses
        return diagnose_config(
            text, *self._peers.values(), names=names, addresses=addresses, config_id=self._node
        )

    def on_conf_diagnosed(self, message: ConfDiagnosed) -> None:
        if message.text != self.text.text:
            return  # typed on meanwhile: the newer text is diagnosed next
        self._findings, self._diagnosed_text = message.findings, message.text
        self.text.set_signs(worst_by_line(message.findings))
        self._update_report()
        if self._go_when_diagnosed:
            self.action_next()

    def _show_verdict(self, text: str, tone: str) -> None:
        glyph, blank, words = text.partition(" ") if text[:1] in "✔✖◔" else ("", "", text)
        self._set_verdict(((glyph + blank, tone), styled((words, tone))))

    def _set_verdict(self, *verdict: Bullet) -> None:
        self._verdict, self._verdict_text = verdict, self.text.text
        self._update_report()

    def _update_report(self) -> None:
        """Show keepalived's verdict and what is found on the cursor's line; else how much is found."""
        line = self.text.cursor_location[0] + 1
        bullets = [*self._verdict, *findings_on(self._findings, line, brief=not self._is_detailed)]
        if not bullets:
            asks = styled((_FACTS_ONLY.format(key=key_of("editor.check")), "quiet"))
            bullets.append((("", ""), asks if self._facts_only else findings_summary(self._findings)))
        self._report.update(bullets)
