"""The base of all dialogs, and the small ones: a confirmation, an error in full, the lab being removed."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from hatlab.tui.commands import LEAVE_ANYWHERE
from hatlab.tui.messages import KeyForwarded
from hatlab.tui.widgets.line_widget import spinner, styled

Result = TypeVar("Result")


def dialog_box(title: str | Content, keys: str = "", kind: str = "") -> Vertical:
    """Return the box of a dialog, with its title and the keys in its border."""
    box = Vertical(classes=f"dialog {kind}".rstrip())
    box.border_title, box.border_subtitle = title, keys
    return box


class Dialog(ModalScreen[Result]):
    """A dialog from which one can leave the app; a modal screen hides the app's own bindings."""

    BINDINGS: ClassVar[list[BindingType]] = [replace(LEAVE_ANYWHERE, key="ctrl+q", id="dialog.leave")]

    def on_key_forwarded(self, message: KeyForwarded) -> None:
        """Give the first field what was typed before the dialog was there."""
        target = self.focused or next(iter(self.focus_chain), None)
        if target is not None:
            target.post_message(events.Key(message.key, message.character))


class ConfirmDialog(Dialog[bool]):
    """Yes or no. Enter is no: the harmless answer.

    Args:
        title: what is asked.
        text: what speaks against it.
        yes: the word for going on.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes", id="question.yes", tooltip="Go on"),
        Binding("n,escape,enter", "answer(False)", "no", id="question.no", tooltip="Change nothing"),
    ]

    def __init__(self, title: str, text: str, yes: str = "yes") -> None:
        super().__init__()
        self._title, self._text, self._yes = title, text, yes

    def compose(self) -> ComposeResult:
        with dialog_box(self._title, kind="small"):
            yield Static(Content(self._text))
            yield Static(
                styled(("\ny ", "bold accent"), f"{self._yes}     ", ("n ", "bold accent"), "no, go back"),
                classes="keys",
            )

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)


class FailureScreen(ModalScreen[None]):
    """An error in full, and what to do about it; then the app ends."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q,escape,ctrl+c,ctrl+q", "dismiss", "leave", id="failure.leave", tooltip="Leave")
    ]

    def __init__(self, title: str, message: str, hint: str = "") -> None:
        super().__init__()
        self._title, self._message, self._hint = title, message, hint

    def compose(self) -> ComposeResult:
        with dialog_box(self._title, kind="small failure"):
            with VerticalScroll():
                yield Static(styled((f"✖ {self._message}", "bold fault")))
                if self._hint:
                    yield Static(styled(("\nWhat to do: ", "bold"), self._hint))
            yield Static(styled(("\nEnter ", "bold accent"), "leave"), classes="keys")


class StoppingScreen(ModalScreen[None]):
    """The lab is being removed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c,ctrl+q", "app.abandon", "leave at once", id="stopping.abandon")
    ]

    def compose(self) -> ComposeResult:
        with dialog_box("ending the lab", kind="small"):
            yield Static(id="stopping-text")

    def on_mount(self) -> None:
        self._ticks = 0
        self._draw()
        self.set_interval(0.25, self._draw)

    def _draw(self) -> None:
        sign = spinner(self._ticks / 4)
        self._ticks += 1
        text = styled(sign, "Removing nodes and networks…", (f"  {self._ticks / 4:.0f} s", "quiet"))
        self.query_one("#stopping-text", Static).update(text)
