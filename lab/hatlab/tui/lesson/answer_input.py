"""What a learner answers with: a list of choices or a field to type in. Each posts its answer as message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Offset, Region
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from hatlab.lessons.play.answers import answer_hint
from hatlab.tui.commands import COMMANDS
from hatlab.tui.keys import key_of
from hatlab.tui.messages import NUMBER_CHARACTERS
from hatlab.tui.widgets.bullet_list import BulletOption
from hatlab.tui.widgets.line_widget import Piece
from hatlab.tui.widgets.text_field import TextField

_OPENING = {"lab.act", "node.shell", "node.edit"}
"""Commands that only open something, so that a step may send a learner there before they answer."""
_NOT_OF_THE_LAB = {"app.lessons", "lab.line"}


def lab_keys() -> frozenset[str]:
    """Return the keys that do something to the lab, or open what does."""
    commands = (c for c in COMMANDS if (c.line or c.needs == "live") and c.id not in _NOT_OF_THE_LAB)
    return frozenset(command.key_shown for command in commands)


def opening_keys() -> frozenset[str]:
    """Return those of them that only open something."""
    return frozenset(command.key_shown for command in COMMANDS if command.id in _OPENING)


@dataclass
class AnswerSubmitted(Message):
    """The learner answered the open question."""

    value: str


@dataclass
class AnswerRejected(Message):
    """What was typed can be no answer; `text` says what can."""

    text: str


@dataclass
class RevealRequested(Message):
    """The learner is at a part of a widget (in its own cells), which is to be seen."""

    widget: Widget
    part: Region


class AnswerCancelled(Message):
    """The learner wants the lab's keys back without answering."""


_OPEN, _CURSOR = ("◦ ", "bold accent"), ("▸ ", "bold accent")
_RIGHT, _WRONG = ("✔ ", "bold master"), ("✖ ", "fault")
"""What stands in front of a choice."""


def _cancel_binding(owner: str) -> Binding:
    return Binding(
        "escape",
        "cancel",
        "keys",
        id=f"{owner}.back",
        tooltip="Leave the question; keys act on the lab again",
    )


class ChoiceList(OptionList):
    """Answers to choose from; every key that is of no use in a list still acts on the lab.

    Page up and page down turn the text around it, not the list.
    """

    BINDINGS: ClassVar[list[BindingType]] = [_cancel_binding("choices")]

    def __init__(self, choices: tuple[str, ...]) -> None:
        super().__init__(*(Option(_option_text(choice)) for choice in choices))
        self._choices = choices
        self._marked: int | None = None
        self._judged: dict[str, Piece] = {}
        """Choices that were given as answers → the glyph that says whether they were right."""

    def on_focus(self) -> None:
        """Choose nothing at first, so that an enter too many is no answer."""
        self.highlighted = None

    def on_blur(self) -> None:
        self._mark_option(None)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self.has_focus:
            self._mark_option(event.option_index)

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        return action not in {"page_up", "page_down"}

    def scroll_to_region(self, region: Region, **how: Any) -> Offset:
        if self.has_focus:
            self.post_message(RevealRequested(self, region))
        return super().scroll_to_region(region, **how)

    def show_judged(self, right: tuple[str, ...], wrong: tuple[str, ...]) -> None:
        """Mark the choices that were given as answers already."""
        judged = dict.fromkeys(wrong, _WRONG) | dict.fromkeys(right, _RIGHT)
        if judged != self._judged:
            self._judged = judged
            for index in range(len(self._choices)):
                self._draw_option(index)

    def _mark_option(self, index: int | None) -> None:
        """Show by a glyph, too, which answer enter would give."""
        before, self._marked = self._marked, index
        for option in (before, index):
            if option is not None:
                self._draw_option(option)

    def _draw_option(self, index: int) -> None:
        choice = self._choices[index]
        glyph = _CURSOR if index == self._marked else self._judged.get(choice, _OPEN)
        self.replace_option_prompt_at_index(index, _option_text(choice, glyph))

    def action_select(self) -> None:
        """Choose the first at an enter before anything is chosen, and answer nothing yet."""
        if self.highlighted is None:
            self.action_first()
        else:
            super().action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(AnswerSubmitted(self._choices[event.option_index]))

    def action_cancel(self) -> None:
        self.post_message(AnswerCancelled())


def _option_text(choice: str, glyph: Piece = _OPEN) -> BulletOption:
    return BulletOption(glyph, Content(choice))


class AnswerField(TextField):
    """A field for a number or a word.

    A word takes every key. A number takes what can be part of one; other keys go on to the app, except those
    that act on the lab, which a learner who types does not mean. The shell, the editor and the menu open if
    the step speaks of their keys, but not within a word. Once something is typed, or was refused, no other
    letter goes on until Esc: who types “3 seconds” or “about 3” wants neither the editor nor the page before.

    Args:
        number: True for a number, False for a word.
        unit: may stand behind the number.
        near: how far off it may be.
    """

    BINDINGS: ClassVar[list[BindingType]] = [_cancel_binding("field")]

    def __init__(self, number: bool, unit: str, near: float) -> None:
        self.number = number
        self.named_keys: frozenset[str] = frozenset()
        """Keys that the step speaks of."""
        self._refused = False
        """True if a letter was typed that can be no part of an answer, until the learner leaves the field."""
        super().__init__(
            restrict=_partial_number_pattern(unit) if number else None,
            placeholder=answer_hint(unit, near) if number else "a word",
            select_on_focus=False,
            max_length=40,
        )

    def check_consume_key(self, key: str, character: str | None) -> bool:
        typed = character or ""
        return super().check_consume_key(key, character) and (
            self._accepts_key(typed) or self._refuses_key(typed)
        )

    def on_key(self, event: events.Key) -> None:
        typed = event.character or ""
        if event.is_printable and not self._accepts_key(typed):
            event.prevent_default()  # it is not typed, and goes on to the bindings
            if self._refuses_key(typed):
                event.stop()
                self._refused = True
                what = "a lab key" if typed in lab_keys() else "no part of a number"
                self.post_message(AnswerRejected(f"{typed} is {what}. Press Esc first to use it."))

    def on_blur(self) -> None:
        self._refused = False

    def _refuses_key(self, character: str) -> bool:
        if character in opening_keys() & self.named_keys:
            return self.value[-1:].isalpha()
        if character == key_of("app.quit"):  # it asks first
            return False
        typing = bool(self.value) or self._refused
        return character in lab_keys() or (typing and character.isalpha())

    def _accepts_key(self, character: str) -> bool:
        if not self.number or character in NUMBER_CHARACTERS:
            return True
        at = self.cursor_position
        return bool(re.fullmatch(self.restrict or "", self.value[:at] + character + self.value[at:]))

    def _opens_action_line(self, character: str | None) -> bool:
        return character == ":" if self.number else super()._opens_action_line(character)

    def type_from_elsewhere(self, character: str) -> None:
        """Take a character that was typed while something else had the focus, and the focus with it."""
        self.focus()
        self.cursor_position = len(self.value)
        self.insert_text_at_cursor(character)

    def restricted(self) -> None:
        self._reject_answer()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value:
            self.post_message(RevealRequested(self, Region(0, 0, 1, 1)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.post_message(AnswerSubmitted(event.value))
        else:
            self._reject_answer()

    def _reject_answer(self) -> None:
        self.post_message(AnswerRejected("Type a number, such as 12.5." if self.number else "Type a word."))

    def action_cancel(self) -> None:
        self.post_message(AnswerCancelled())


def _partial_number_pattern(unit: str) -> str:
    """Return a pattern of what may stand in the field while a number and its unit are being typed."""
    begun = "|".join(re.escape(unit[:length]) for length in range(1, len(unit) + 1))
    return r"[-+]?[0-9]*[.,]?[0-9]*" + (rf"((?<=[0-9])({begun}))?" if unit else "")
