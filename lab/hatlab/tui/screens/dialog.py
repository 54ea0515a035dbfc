"""The base of all dialogs, and the small ones: a confirmation, an error in full, the lab being removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Click, DescendantFocus
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


class DialogButton(Static, can_focus=True):
    """One of two answers. The one that has the focus is marked, and Enter takes it.

    Args:
        label: what it does.
        keys: others than Enter that take it.
        answer: what it answers.
    """

    DEFAULT_CSS: ClassVar[str] = """
    DialogButton { width: auto; height: 1; margin-right: 3; }
    DialogButton:focus { background: $panel; }
    """

    def __init__(self, label: str, keys: str, answer: bool) -> None:
        super().__init__()
        self.label, self._keys, self.answer = label, keys, answer

    def render(self) -> Content:
        mark, style = ("▸ ", "bold") if self.has_focus else ("  ", "")
        return styled((f"{mark}{self.label}", style), (f"  {self._keys} ", "bold accent"))

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()


class ConfirmDialog(Dialog[bool]):
    """Yes or no, as two buttons: on the left what was asked for; on the right no change, marked at first.

    Enter takes the marked one, so that in no dialog of this kind an Enter too many loses anything. y and n
    take theirs whichever is marked.

    Args:
        title: what is asked.
        text: what speaks against it.
        yes: the words for doing it.
        no: the words for changing nothing.
    """

    AUTO_FOCUS = ""  # or Textual would mark the first for a moment, which an Enter would take
    YES_KEYS: ClassVar[str] = "y"
    """Keys that take the answer on the left."""
    DEFAULT_CSS: ClassVar[str] = "ConfirmDialog .buttons { height: 1; margin-top: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take_marked", "take", id="question.take", tooltip="Do what ▸ marks"),
        Binding("y", "answer(True)", "yes", id="question.yes", tooltip="Yes, do it"),
        Binding("n,escape", "answer(False)", "no", id="question.no", tooltip="Change nothing"),
        Binding("left,right", "mark_other", "other", id="question.other", tooltip="Mark the other answer"),
    ]

    def __init__(self, title: str, text: str, yes: str = "yes", no: str = "change nothing") -> None:
        super().__init__()
        self._title, self._text = title, text
        self._buttons = (DialogButton(yes, self.YES_KEYS, True), DialogButton(no, "n Esc", False))

    def compose(self) -> ComposeResult:
        with dialog_box(self._title, kind="small"):
            yield Static(Content(self._text))
            with Horizontal(classes="buttons"):
                yield from self._buttons

    def on_mount(self) -> None:
        super().on_mount()
        self._buttons[1].focus()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        if isinstance(event.widget, DialogButton):
            keys = f"Enter {event.widget.label} · ←→ choose the other"
            self.query_one(".dialog").border_subtitle = keys

    def on_click(self, event: Click) -> None:
        if isinstance(event.widget, DialogButton):
            self.dismiss(event.widget.answer)

    def action_take_marked(self) -> None:
        marked = self.focused
        if isinstance(marked, DialogButton):
            self.dismiss(marked.answer)

    def action_mark_other(self) -> None:
        yes, no = self._buttons
        (no if yes.has_focus else yes).focus()

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)


class LeaveDialog(ConfirmDialog):
    """Asks before what is under way ends. The key that asked leaves, too.

    Args:
        title: what is asked.
        text: what is kept, and what is lost.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "answer(True)", "leave", id="leaving.yes", tooltip="Leave")
    ]
    YES_KEYS = "y q"

    def __init__(self, title: str, text: str) -> None:
        super().__init__(title, text, "leave", "stay")


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
