"""What a learner answers with: a list of choices, or a field to type in."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from lab.lessons.telling import wanted
from lab.tui.ink import ink


class AnswerGiven(Message):
    """The learner answered the open question."""

    def __init__(self, value: str) -> None:
        super().__init__()
        self.value = value


class KeysReturned(Message):
    """The learner wants the lab's keys back, without an answer."""


def _give_back(owner: str) -> Binding:
    return Binding("escape", "give_back", "keys", id=f"{owner}.back", tooltip="Give the keys back to the lab")


class ChoiceList(OptionList):
    """Answers to choose from; every key that is of no use in a list still acts on the lab."""

    BINDINGS: ClassVar[list[BindingType]] = [_give_back("choices")]

    def __init__(self, choices: tuple[str, ...]) -> None:
        super().__init__(*(Option(_prompt(choice)) for choice in choices))
        self._choices = choices
        self._marked: int | None = None

    def on_focus(self) -> None:
        """Nothing is chosen at first, so that an enter too many is no answer."""
        self.highlighted = None

    def on_blur(self) -> None:
        self._mark(None)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self.has_focus:
            self._mark(event.option_index)

    def _mark(self, index: int | None) -> None:
        """Shows by a glyph, too, which answer enter would give."""
        for k, glyph in ((self._marked, "◦"), (index, "▸")):
            if k is not None:
                self.replace_option_prompt_at_index(k, _prompt(self._choices[k], glyph))
        self._marked = index

    def action_select(self) -> None:
        """An enter before anything is chosen chooses the first, and answers nothing yet."""
        if self.highlighted is None:
            self.action_first()
        else:
            super().action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(AnswerGiven(self._choices[event.option_index]))

    def action_give_back(self) -> None:
        self.post_message(KeysReturned())


def _prompt(choice: str, glyph: str = "◦") -> Content:
    return ink((f"{glyph} ", "bold accent"), choice)


class Field(Input):
    """A number or a word. What is typed here never acts on the lab, even if it is none of a number.

    Args:
        number: whether it is a number.
        unit: that may stand behind it.
        near: how far off it may be.
    """

    BINDINGS: ClassVar[list[BindingType]] = [_give_back("field")]

    def __init__(self, number: bool, unit: str, near: float) -> None:
        restrict = r"[-+]?[0-9]*[.,]?[0-9]*\s*" + "".join(f"(?:{_quoted(c)})?" for c in unit)
        super().__init__(
            restrict=restrict if number else None,
            placeholder=wanted(unit, near) if number else "a word",
            select_on_focus=False,
            max_length=40,
        )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.post_message(AnswerGiven(event.value))

    def action_give_back(self) -> None:
        self.post_message(KeysReturned())


def _quoted(char: str) -> str:
    return char if char.isalnum() else f"\\{char}" if not char.isspace() else r"\s"
