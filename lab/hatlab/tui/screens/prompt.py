"""The line to type an action in, as `hatlab do` and scripts take it; it is checked as it is typed."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from hatlab.actions import VERBS, Action, parse, possible_actions
from hatlab.actions.timed_script import attach_file
from hatlab.errors import UserError
from hatlab.topology import Layout
from hatlab.tui.screens.dialog import Dialog, dialog_box
from hatlab.tui.widgets.line_widget import styled
from hatlab.tui.widgets.syntax import STYLES
from hatlab.util.words import command_tokens


class ActionLine(Input):
    """The line, with the SQL in it in colours."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*Input.COMPONENT_CLASSES, *(f"conf--{kind}" for kind in STYLES)}

    @property
    def _value(self) -> Text:
        text = super()._value
        for start, end, kind in command_tokens(self.value):
            text.stylize(self.get_component_rich_style(f"conf--{kind}", partial=True), start, end)
        return text


class ActionPrompt(Dialog[Action | None]):
    """Asks for one action.

    Args:
        layout: the names an action may use.
        begin: what already stands in the line.
        history: the lines typed before, the latest last; what is typed now is added.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape", "dismiss(None)", "close", id="prompt.close", tooltip="Close without doing anything"
        ),
        Binding("tab", "complete", "complete", id="prompt.complete", tooltip="Take what is offered in grey"),
        Binding("up", "recall(-1)", "earlier", id="prompt.earlier", tooltip="The line typed before"),
        Binding("down", "recall(1)", "later", id="prompt.later", tooltip="The line typed after it"),
    ]

    def __init__(self, layout: Layout, begin: str = "", history: list[str] | None = None) -> None:
        super().__init__()
        self._history = history if history is not None else []
        self._recalled = len(self._history)
        """Which line of the history is shown; its length for the one being typed."""
        self._typed = ""
        """What was being typed before a line was recalled."""
        self._layout = layout
        self._begin = begin
        self._known = [str(action) for action in possible_actions(layout)]
        self._known += [f"{verb.name} " for verb in VERBS.values() if verb.name not in self._known]

    def compose(self) -> ComposeResult:
        with dialog_box("type an action", "Tab complete · ↑ earlier · Enter do it · Esc close", "line"):
            yield ActionLine(
                self._begin, select_on_focus=False, suggester=SuggestFromList(self._known), id="prompt-line"
            )
            yield Static(id="prompt-help")

    def on_mount(self) -> None:
        self._explain_line(self._begin)
        line = self.query_one(Input)
        line.cursor_position = len(self._begin)
        line.focus()

    def copyable(self) -> str:
        """Return the line."""
        return self.query_one(Input).value

    def on_input_changed(self, event: Input.Changed) -> None:
        self._explain_line(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            action = attach_file(parse(event.value, self._layout))
        except UserError as error:
            self._show_help(styled((f"✖ {error.message}", "bold fault"), f"\n{error.hint}"))
            return
        line = event.value.strip()
        if self._history[-1:] != [line]:
            self._history.append(line)
        self.dismiss(action)

    def action_complete(self) -> None:
        """Complete what is typed with what is offered, which may not be drawn yet."""
        line = self.query_one(Input)
        offered = next((known for known in self._known if line.value and known.startswith(line.value)), "")
        line.value = offered or line.value
        line.cursor_position = len(line.value)

    def action_recall(self, way: int) -> None:
        """Show the line typed before (-1) or after (1) the one that is shown."""
        line, number = self.query_one(Input), self._recalled + way
        if not 0 <= number <= len(self._history):
            return
        if self._recalled == len(self._history):
            self._typed = line.value
        self._recalled = number
        line.value = self._history[number] if number < len(self._history) else self._typed
        line.cursor_position = len(line.value)

    def _explain_line(self, line: str) -> None:
        words = line.split()
        verb = VERBS.get(" ".join(words[:2])) or VERBS.get(words[0] if words else "")
        if verb is None:
            starts = [v.usage for v in VERBS.values() if v.name.startswith(line.strip())][:8]
            self._show_help(styled(("\n".join(starts) or "no action starts like this", "quiet")))
            return
        text = [
            styled(("usage    ", "quiet"), verb.usage),
            Content(verb.help),
            styled(("example  ", "quiet"), verb.example),
        ]
        self._show_help(Content("\n").join(text))

    def _show_help(self, text: Content) -> None:
        self.query_one("#prompt-help", Static).update(text)
