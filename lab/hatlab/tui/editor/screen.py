"""keepalived.conf of one node: edit, read what is wrong, have its keepalived check it, compare, apply.

What hatlab finds is marked while one types; the node's `keepalived -t` has the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Button, Static

from hatlab.actions import Action
from hatlab.diagnostics.finding import Finding
from hatlab.errors import LabError
from hatlab.tui.background import run_in_background
from hatlab.tui.editor.findings import findings_on, findings_summary, next_finding_line, worst_by_line
from hatlab.tui.editor.text_area import ConfTextArea, diff_content, named_line
from hatlab.tui.messages import ActionRequested, ConfChecked, ConfDiagnosed
from hatlab.tui.screens.dialog import ConfirmDialog, Dialog
from hatlab.tui.widgets.line_widget import styled

FILE = "keepalived.conf"
_DOUBT = "✖ Not applied: keepalived finds fault. Mend it; or ^r again applies it as it is."
CALM = 0.25
"""Seconds without a key after which the text is read."""


class ConfEditor(Dialog[None]):
    """Applies by an `edit` and a `reload`, once the node's keepalived found nothing wrong, or if it is asked
    for again after it did.

    Args:
        node: whose file it is.
        current: its text now.
        loaded: the text that its keepalived runs by; another one where the file was not reloaded since.
        original: its text when the lab began.
        check: (node, text) → what the node's keepalived says; blocks.
        peers: node → text of the others, as some faults are between them.
        addresses: the node's own.
        running: whether its keepalived runs; one that does not reads the file at its start.
        snippets: of a configuration, that a lesson shows at this moment.
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
        Binding(
            "f2",
            "piece",
            "the lesson's",
            id="editor.piece",
            tooltip="What the lesson shows",
        ),
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
    ) -> None:
        super().__init__()
        self._node = node
        self._current = current
        self._loaded = loaded
        self._original = original
        self._check = check
        self._apply_next = False
        self._asked = ""
        self._doubted: str | None = None
        """The text that was to be applied, and in which keepalived found fault."""
        self.text, self._told = ConfTextArea(current, id="conf"), Static(id="findings-text")
        self._peers, self._addresses = dict(peers or {}), addresses
        self._alive = running
        self._snippets, self._put = snippets, 0
        self._findings: list[Finding] = []
        self._found_in: str | None = None
        """The text in which they were found, None before the first was read."""
        self._going = False
        """Whether the next finding is wanted of a text that is being read."""
        self._verdict: Content | None = None
        """keepalived's answer, or another word that stays until the text changes."""
        self._verdict_on = ""
        self._reading: Timer | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog editor") as box:
            box.border_title = f"{self._node}: {FILE}"
            lesson = "F2 lesson · " if self._snippets else ""
            box.border_subtitle = f"^s check · ^r apply · {lesson}F3 compare · F4 next · F8 original · esc"
            yield self.text
            with VerticalScroll(id="findings"):
                yield self._told
            with Horizontal(id="editor-buttons"):
                yield Button("Check", id="check", compact=True)
                yield Button("Apply", id="apply", variant="primary", compact=True)
                yield Button("Compare", id="compare", compact=True)
                yield Button("Original", id="restore", compact=True)
                yield Button("Close", id="close", compact=True)

    def on_mount(self) -> None:
        self.text.focus()
        if self._current != self._loaded:
            self._say(f"keepalived still runs by an older {FILE}. F3 compares; ^r reloads with this.", "warn")
        self._read()

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        await self.run_action(f"{event.button.id}()")

    def action_check(self) -> None:
        self._ask(apply_next=False)

    def action_apply(self) -> None:
        if self.text.text == self._current == self._loaded:
            self._say("Nothing is changed, so there is nothing to apply.", "quiet")
            return
        self._ask(apply_next=True)

    def _ask(self, *, apply_next: bool) -> None:
        self._apply_next = apply_next
        self._asked = self.text.text
        self._say("◔ asking keepalived…", "warn")
        run_in_background(self, self._answer)

    def _answer(self) -> ConfChecked:
        try:
            return ConfChecked(self._check(self._node, self._asked))
        except LabError as error:
            return ConfChecked(None, error)
        except Exception as error:  # noqa: BLE001 - a thread's last resort: told in the dialog
            return ConfChecked(None, LabError(f"the check failed: {error}"))

    def on_conf_checked(self, message: ConfChecked) -> None:
        if message.findings is None:
            assert message.error is not None
            self._say(f"✖ {message.error.message}. {message.error.hint}", "bold fault")
            return
        told = message.findings
        if told and self._apply_next and self._asked == self._doubted == self.text.text:
            self._carry_out()
            return
        lines = [k for k in map(named_line, told) if k is not None]
        self.text.mark(lines)
        if told:
            self._doubted = self._asked if self._apply_next else None
            lead = [_DOUBT] if self._apply_next else []
            self._say(
                "\n".join([*lead, *(f"✖ keepalived: {finding}" for finding in told)]),
                "fault",
            )
            if lines and self.text.cursor_location[0] + 1 not in lines:
                self.text.move_cursor((lines[0] - 1, 0), center=True)
        elif not self._apply_next:
            self._say("✔ keepalived finds nothing wrong. ^r applies it.", "master")
        elif self._asked == self.text.text:
            self._carry_out()
        else:
            self._say(
                "Not applied: the text was changed meanwhile. ^r checks and applies it as it is.", "warn"
            )

    def _carry_out(self) -> None:
        todo = [Action("edit", (self._node, FILE), text=self._asked)] if self._asked != self._current else []
        if self._alive:
            todo.append(Action("reload", (self._node,)))
        self.app.post_message(ActionRequested(tuple(todo)))
        self.dismiss()

    def action_piece(self) -> None:
        """Puts the next piece that the lesson shows in front of the cursor's line."""
        if not self._snippets:
            self._say("No lesson shows a piece of a configuration now.", "quiet")
            return
        number = self._put % len(self._snippets)
        self._put += 1
        row = self.text.cursor_location[0]
        self.text.insert(f"{self._snippets[number]}\n", (row, 0), maintain_selection_offset=True)
        told = f"piece {number + 1} of {len(self._snippets)}" if len(self._snippets) > 1 else "it"
        self._say(
            f"What the lesson shows, {told}, is in, above the cursor's line. ^z takes it out again.", "quiet"
        )

    def action_compare(self) -> None:
        self._judge(diff_content(self._loaded, self.text.text))

    def action_next(self) -> None:
        self._going = self.text.text != self._found_in  # then as soon as it is read
        if self._going:
            return
        line = next_finding_line(self._findings, self.text.cursor_location[0] + 1)
        if line is not None:
            self.text.move_cursor((line - 1, 0), center=True)
        else:
            self._verdict = None  # what was said of the text would hide that nothing is found in it
            self._tell()

    def action_restore(self) -> None:
        self.text.load_text(self._original)
        applied = self._original == self._current == self._loaded
        then = "keepalived runs by it" if applied else "^r applies it"
        self._say(f"This is the text the lab began with; {then}.", "quiet")

    def action_close(self) -> None:
        if self.text.text == self._current:
            self.dismiss()
            return
        asked = ConfirmDialog("unapplied changes", "The text was changed and not applied.", "throw them away")
        self.app.push_screen(asked, self._close)

    def _close(self, sure: bool | None) -> None:
        if sure:
            self.dismiss()

    def on_text_area_changed(self) -> None:
        self.text.mark(())
        if self.text.text != self._verdict_on:
            self._verdict = None
        if self._reading is not None:
            self._reading.stop()
        self._reading = self.set_timer(CALM, self._read)

    def on_text_area_selection_changed(self) -> None:
        self._tell()

    def _read(self) -> None:
        text = self.text.text
        run_in_background(self, lambda: self._diagnosed(text))

    def _diagnosed(self, text: str) -> ConfDiagnosed:
        from hatlab.keepalived import diagnose_config

        names = tuple(self._peers)
        return ConfDiagnosed(
            text, diagnose_config(text, *self._peers.values(), names=names, addresses=self._addresses)
        )

    def on_conf_diagnosed(self, message: ConfDiagnosed) -> None:
        if message.text != self.text.text:
            return  # typed on meanwhile: the newer text is read next
        self._findings, self._found_in = message.findings, message.text
        self.text.sign(worst_by_line(message.findings))
        self._tell()
        if self._going:
            self.action_next()

    def _say(self, text: str, tone: str) -> None:
        self._judge(styled((text, tone)))

    def _judge(self, verdict: Content) -> None:
        self._verdict, self._verdict_on = verdict, self.text.text
        self._tell()

    def _tell(self) -> None:
        """keepalived's word if it was asked, and what is found on the cursor's line; else how much."""
        here = findings_on(self._findings, self.text.cursor_location[0] + 1)
        parts = [part for part in (self._verdict, here) if part is not None]
        told = Content("\n").join(parts) if parts else findings_summary(self._findings)
        self._told.update(told)
