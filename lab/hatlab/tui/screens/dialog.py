"""The base of all dialogs, and the small ones: a confirmation, an error in full, the lab being removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from hatlab.tui.commands import LEAVE_ANYWHERE, TYPE_ANYWHERE
from hatlab.tui.widgets.line_widget import Piece, spinner, styled
from hatlab.tui.widgets.notice_line import NoticeLine

Result = TypeVar("Result")


def dialog_box(title: str | Content, keys: str = "", kind: str = "") -> Vertical:
    """Return the box of a dialog, with its title and the keys in its border."""
    box = Vertical(classes=f"dialog {kind}".rstrip())
    box.border_title, box.border_subtitle = title, keys
    return box


class Dialog(ModalScreen[Result]):
    """A dialog. One can leave the app from it and type an action, though it hides the app's bindings."""

    BINDINGS: ClassVar[list[BindingType]] = [
        replace(LEAVE_ANYWHERE, key="ctrl+q", id="dialog.leave"),
        replace(TYPE_ANYWHERE, id="dialog.type"),
    ]
    KEPT_BENEATH: ClassVar[bool] = False
    """True if the action line opens over it, because closing it would lose something."""

    def on_mount(self) -> None:
        self.mount(NoticeLine())

    def copyable(self) -> str:
        """Return what Ctrl+C copies where no text is selected, "" for nothing."""
        return ""


class ConfirmDialog(Dialog[bool]):
    """Yes or no. Enter is no, the harmless answer, and the dialog says so.

    Args:
        title: what is asked.
        text: what speaks against it.
        yes: the word for going on.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes", id="question.yes", tooltip="Yes, do it"),
        Binding("n,escape,enter", "answer(False)", "no", id="question.no", tooltip="Change nothing"),
    ]

    def __init__(self, title: str, text: str, yes: str = "yes") -> None:
        super().__init__()
        self._title, self._text, self._yes = title, text, yes

    def compose(self) -> ComposeResult:
        with dialog_box(self._title, kind="small"):
            yield Static(Content(self._text))
            yield Static(
                styled(
                    ("\ny ", "bold accent"), f"{self._yes}     ", ("Enter ", "bold accent"), "no, go back"
                ),
                classes="keys",
            )

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)


class LeaveDialog(Dialog[bool]):
    """Asks before what is under way ends. The key that asked, or Enter, leaves.

    Args:
        title: what is asked.
        text: what is kept, and what is lost.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter,y", "answer(True)", "leave", id="leaving.yes", tooltip="Leave"),
        Binding("escape,n", "answer(False)", "stay", id="leaving.no", tooltip="Stay"),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        with dialog_box(self._title, kind="small"):
            yield Static(Content(self._text))
            keys = (("\nEnter ", "bold accent"), "leave     ", ("Esc ", "bold accent"), "stay")
            yield Static(styled(*keys), classes="keys")

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)


class FailureScreen(ModalScreen[None]):
    """An error in full, and what to do about it; then the app ends."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q,escape", "dismiss", "leave", id="failure.leave", tooltip="Leave")
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
    """The lab is being removed.

    Args:
        waiting: returns what the engine has been waiting for, a sentence, or nothing.
    """

    def __init__(self, waiting: Callable[[], str]) -> None:
        super().__init__()
        self._waiting = waiting

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
        pieces: list[str | Piece] = [
            sign,
            "Removing nodes and networks…",
            (f"  {self._ticks / 4:.0f} s", "quiet"),
        ]
        if waiting := self._waiting():
            pieces += [(f"\n{waiting}.", "warn"), "\nPress ", ("Ctrl+C", "bold accent"), " to leave at once."]
        text = styled(*pieces)
        self.query_one("#stopping-text", Static).update(text)
