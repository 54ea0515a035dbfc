"""keepalived.conf of one node: edit, have its keepalived check it, compare, apply."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Static

from lab.actions import Action
from lab.errors import LabError
from lab.tui.background import in_background
from lab.tui.conf_text import ConfText, difference, line_of
from lab.tui.dialogs import Dialog, Question
from lab.tui.ink import ink
from lab.tui.messages import ActionRequested, ConfChecked

FILE = "keepalived.conf"
_HINT = "^s asks the node's own keepalived about this text."


class Editor(Dialog[None]):
    """Applies by an `edit` and a `reload`, after the node's keepalived has found nothing wrong.

    Args:
        node: whose file it is.
        current: its text now.
        original: its text when the lab began.
        check: (node, text) → findings; blocks.
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
        Binding("f8", "restore", "original", id="editor.restore", tooltip="The text the lab began with"),
        Binding("escape", "close", "close", id="editor.close", tooltip="Leave it as it was", priority=True),
    ]

    def __init__(
        self, node: str, current: str, original: str, check: Callable[[str, str], list[str]]
    ) -> None:
        super().__init__()
        self._node = node
        self._current = current
        self._original = original
        self._check = check
        self._apply_next = False
        self._asked = ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog editor") as box:
            box.border_title = f"{self._node}: {FILE}"
            box.border_subtitle = "^s check · ^r apply · F3 compare · F8 original · esc close"
            yield ConfText(self._current, id="conf")
            with VerticalScroll(id="findings"):
                yield Static(
                    ink(("^s asks the node's own keepalived about this text.", "quiet")), id="findings-text"
                )
            with Horizontal(id="editor-buttons"):
                yield Button("Check", id="check", compact=True)
                yield Button("Apply", id="apply", variant="primary", compact=True)
                yield Button("Compare", id="compare", compact=True)
                yield Button("Original", id="restore", compact=True)
                yield Button("Close", id="close", compact=True)

    def on_mount(self) -> None:
        self.text.focus()

    @property
    def text(self) -> ConfText:
        return self.query_one(ConfText)

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        await self.run_action(f"{event.button.id}()")

    def action_check(self) -> None:
        self._ask(apply_next=False)

    def action_apply(self) -> None:
        if self.text.text == self._current:
            self._say("Nothing is changed.", "quiet")
            return
        self._ask(apply_next=True)

    def _ask(self, *, apply_next: bool) -> None:
        self._apply_next = apply_next
        self._asked = self.text.text
        self._say("◔ asking keepalived…", "warn")
        in_background(self, self._answer)

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
        lines = [k for k in map(line_of, message.findings) if k is not None]
        self.text.mark(lines)
        if message.findings:
            self._say("\n".join(f"✖ {finding}" for finding in message.findings), "fault")
            if lines:
                self.text.move_cursor((lines[0] - 1, 0), center=True)
        elif not self._apply_next:
            self._say("✔ keepalived finds nothing wrong. ^r applies it.", "master")
        elif self._asked == self.text.text:
            edit = Action("edit", (self._node, FILE), text=self._asked)
            self.app.post_message(ActionRequested(edit, Action("reload", (self._node,))))
            self.dismiss()

    def action_compare(self) -> None:
        self.query_one("#findings-text", Static).update(difference(self._current, self.text.text))

    def action_restore(self) -> None:
        self.text.load_text(self._original)
        self._say("This is the text the lab began with; ^r applies it.", "quiet")

    def action_close(self) -> None:
        if self.text.text == self._current:
            self.dismiss()
            return
        asked = Question("unapplied changes", "The text was changed and not applied.", "throw them away")
        self.app.push_screen(asked, self._close)

    def _close(self, sure: bool | None) -> None:
        if sure:
            self.dismiss()

    def on_text_area_changed(self) -> None:
        self.text.mark(())

    def _say(self, text: str, tone: str) -> None:
        self.query_one("#findings-text", Static).update(ink((text, tone)))
