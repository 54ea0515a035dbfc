"""keepalived.conf of one node: edit, read what is wrong, have its keepalived check it, compare, apply.

What hatlab finds is marked while one types; the node's `keepalived -t` has the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Button, Static

from hatlab.actions import Action
from hatlab.diagnostics.finding import Finding
from hatlab.tui.background import attempt, run_in_background
from hatlab.tui.editor.findings import findings_on, findings_summary, next_finding_line, worst_by_line
from hatlab.tui.editor.text_area import ConfTextArea, diff_content, named_line
from hatlab.tui.messages import ActionRequested, ConfChecked, ConfDiagnosed
from hatlab.tui.screens.dialog import ConfirmDialog, Dialog, dialog_box
from hatlab.tui.widgets.line_widget import styled

FILE = "keepalived.conf"
_NOT_APPLIED = "✖ Not applied: keepalived finds fault. Mend it; or ^r again applies it as it is."
FACTS_ONLY = styled(("Facts only: ^s asks the node's keepalived what it thinks of this file.", "quiet"))
"""Stands in place of hatlab's own findings while what it concludes is hidden."""
TYPING_PAUSE = 0.25
"""Seconds without a key after which the text is diagnosed."""


class ConfEditor(Dialog[None]):
    """Applies a text by an `edit` and a `reload`, once the node's keepalived found nothing wrong in it.

    A text in which it did is applied when that is asked for a second time.

    Args:
        node: whose file it is.
        current: its text now.
        loaded: the text that its keepalived runs by; another one if the file was not reloaded since.
        original: its text when the lab began.
        check: (node, text) → what the node's keepalived says; blocks.
        peers: node → text of the others, as some mistakes are between them.
        addresses: the node's own.
        running: True if its keepalived runs; one that does not reads the file at its start.
        snippets: pieces of configuration that a lesson shows now.
        facts_only: leave out what hatlab finds.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "check", "check", id="editor.check", tooltip="Ask the node's keepalived", priority=True
        ),
        Binding(
            "ctrl+r", "apply", "apply", id="editor.apply", tooltip="Check, then reload with it", priority=True
        ),
        Binding(
            "f3", "compare", "compare", id="editor.compare", tooltip="Show the difference", priority=True
        ),
        Binding("f2", "insert_snippet", "the lesson's", id="editor.piece", tooltip="What the lesson shows"),
        Binding("f8", "restore", "original", id="editor.restore", tooltip="The text the lab began with"),
        Binding("f4", "next", "next finding", id="editor.next", tooltip="The next line with a finding"),
        Binding("escape", "close", "close", id="editor.close", tooltip="Leave it as it was", priority=True),
    ]

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
    ) -> None:
        super().__init__()
        self._node = node
        self._current = current
        self._loaded = loaded
        self._original = original
        self._check = check
        self._apply_next = False
        self._submitted = ""
        self._rejected: str | None = None
        """The text that was to be applied, and in which keepalived found something wrong."""
        self.text, self._report = ConfTextArea(current, id="conf"), Static(id="findings-text")
        self._peers, self._addresses = dict(peers or {}), addresses
        self._keepalived_runs = running
        self._facts_only = facts_only
        self._snippets, self._snippets_inserted = snippets, 0
        self._findings: list[Finding] = []
        self._diagnosed_text: str | None = None
        """The text in which they were found, None before the first was diagnosed."""
        self._go_when_diagnosed = False
        """True if the cursor is to go to the next finding in a text that is still being diagnosed."""
        self._verdict: Content | None = None
        """keepalived's answer, or another sentence that stays until the text changes."""
        self._verdict_text = ""
        self._diagnose_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        lesson = "F2 lesson · " if self._snippets else ""
        keys = f"^s check · ^r apply · {lesson}F3 compare · F4 next · F8 original · esc"
        with dialog_box(f"{self._node}: {FILE}", keys, "editor"):
            yield self.text
            with VerticalScroll(id="findings"):
                yield self._report
            with Horizontal(id="editor-buttons"):
                yield Button("Check", id="check", compact=True)
                yield Button("Apply", id="apply", variant="primary", compact=True)
                yield Button("Compare", id="compare", compact=True)
                yield Button("Original", id="restore", compact=True)
                yield Button("Close", id="close", compact=True)

    def on_mount(self) -> None:
        self.text.focus()
        if self._current != self._loaded:
            self._show_verdict(
                f"keepalived still runs by an older {FILE}. F3 compares; ^r reloads with this.", "warn"
            )
        self._diagnose()

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        await self.run_action(f"{event.button.id}()")

    def action_check(self) -> None:
        self._ask_keepalived(apply_next=False)

    def action_apply(self) -> None:
        if self.text.text == self._current == self._loaded:
            self._show_verdict("Nothing is changed, so there is nothing to apply.", "quiet")
            return
        self._ask_keepalived(apply_next=True)

    def _ask_keepalived(self, *, apply_next: bool) -> None:
        self._apply_next = apply_next
        self._submitted = self.text.text
        self._show_verdict("◔ asking keepalived…", "warn")
        check = partial(self._check, self._node, self._submitted)
        run_in_background(self, lambda: ConfChecked(*attempt(check, "the check failed: ")))

    def on_conf_checked(self, message: ConfChecked) -> None:
        if message.findings is None:
            assert message.error is not None
            self._show_verdict(f"✖ {message.error.message}. {message.error.hint}", "bold fault")
            return
        findings = message.findings
        if findings and self._apply_next and self._submitted == self._rejected == self.text.text:
            self._apply_submitted()
            return
        lines = [line for line in map(named_line, findings) if line is not None]
        self.text.underline_lines(lines)
        if findings:
            self._rejected = self._submitted if self._apply_next else None
            lead = [_NOT_APPLIED] if self._apply_next else []
            verdict = [*lead, *(f"✖ keepalived: {finding}" for finding in findings)]
            self._show_verdict("\n".join(verdict), "fault")
            if lines and self.text.cursor_location[0] + 1 not in lines:
                self.text.move_cursor((lines[0] - 1, 0), center=True)
        elif not self._apply_next:
            self._show_verdict("✔ keepalived finds nothing wrong. ^r applies it.", "master")
        elif self._submitted == self.text.text:
            self._apply_submitted()
        else:
            self._show_verdict(
                "Not applied: the text was changed meanwhile. ^r checks and applies it as it is.", "warn"
            )

    def _apply_submitted(self) -> None:
        actions = []
        if self._submitted != self._current:
            actions.append(Action("edit", (self._node, FILE), text=self._submitted))
        if self._keepalived_runs:
            actions.append(Action("reload", (self._node,)))
        self.app.post_message(ActionRequested(tuple(actions)))
        self.dismiss()

    def action_insert_snippet(self) -> None:
        """Insert the next piece that the lesson shows above the cursor's line."""
        if not self._snippets:
            self._show_verdict("No lesson shows a piece of a configuration now.", "quiet")
            return
        number = self._snippets_inserted % len(self._snippets)
        self._snippets_inserted += 1
        row = self.text.cursor_location[0]
        self.text.insert(f"{self._snippets[number]}\n", (row, 0), maintain_selection_offset=True)
        which = f"piece {number + 1} of {len(self._snippets)}" if len(self._snippets) > 1 else "it"
        self._show_verdict(
            f"What the lesson shows, {which}, is in, above the cursor's line. ^z takes it out again.", "quiet"
        )

    def action_compare(self) -> None:
        self._set_verdict(diff_content(self._loaded, self.text.text))

    def action_next(self) -> None:
        """Go to the next finding, as soon as the text is diagnosed."""
        self._go_when_diagnosed = self.text.text != self._diagnosed_text
        if self._go_when_diagnosed:
            return
        line = next_finding_line(self._findings, self.text.cursor_location[0] + 1)
        if line is not None:
            self.text.move_cursor((line - 1, 0), center=True)
        else:
            self._verdict = None  # it would hide that nothing is found in the text
            self._update_report()

    def action_restore(self) -> None:
        self.text.load_text(self._original)
        applied = self._original == self._current == self._loaded
        then = "keepalived runs by it" if applied else "^r applies it"
        self._show_verdict(f"This is the text the lab began with; {then}.", "quiet")

    def action_close(self) -> None:
        if self.text.text == self._current:
            self.dismiss()
            return
        self.app.push_screen(
            ConfirmDialog("unapplied changes", "The text was changed and not applied.", "throw them away"),
            self._close_if,
        )

    def _close_if(self, sure: bool | None) -> None:
        if sure:
            self.dismiss()

    def on_text_area_changed(self) -> None:
        self.text.underline_lines(())
        if self.text.text != self._verdict_text:
            self._verdict = None
        if self._diagnose_timer is not None:
            self._diagnose_timer.stop()
        self._diagnose_timer = self.set_timer(TYPING_PAUSE, self._diagnose)

    def on_text_area_selection_changed(self) -> None:
        self._update_report()

    def _diagnose(self) -> None:
        text = self.text.text
        run_in_background(self, lambda: self._diagnosis_of(text))

    def _diagnosis_of(self, text: str) -> ConfDiagnosed:
        from hatlab.keepalived import diagnose_config

        if self._facts_only:
            return ConfDiagnosed(text, [])
        names, addresses = tuple(self._peers), self._addresses
        return ConfDiagnosed(
            text,
            diagnose_config(
                text, *self._peers.values(), names=names, addresses=addresses, config_id=self._node
            ),
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
        self._set_verdict(styled((text, tone)))

    def _set_verdict(self, verdict: Content) -> None:
        self._verdict, self._verdict_text = verdict, self.text.text
        self._update_report()

    def _update_report(self) -> None:
        """Show keepalived's verdict and what is found on the cursor's line; else how much is found."""
        on_line = findings_on(self._findings, self.text.cursor_location[0] + 1)
        parts = [part for part in (self._verdict, on_line) if part is not None]
        if not parts:
            parts.append(FACTS_ONLY if self._facts_only else findings_summary(self._findings))
        self._report.update(Content("\n").join(parts))
