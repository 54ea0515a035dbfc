"""A person's own keys, checked: that the command is there, and the key, and that no two want the same one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from textual.binding import Binding
from textual.screen import Screen

from hatlab.diagnostics.finding import did_you_mean
from hatlab.errors import UserError
from hatlab.settings.effective import Settings
from hatlab.tui.app.app import LabApp
from hatlab.tui.commands import COMMANDS
from hatlab.tui.comparison import ComparisonApp, OverlayChart
from hatlab.tui.editor.screen import ConfEditor
from hatlab.tui.keys import COMPARISON_KEYS, EDITOR_KEYS, binding_keys, is_key, key_of, normal_keys, show_key
from hatlab.tui.lesson.lesson_text import LessonText
from hatlab.tui.log.pane import LogPane
from hatlab.tui.map.node_box import NodeBox
from hatlab.tui.packets.pane import PacketList, Packets
from hatlab.tui.timeline.pane import Timeline

_TOGETHER: tuple[tuple[type[Any], ...], ...] = (
    (LabApp, Screen, Timeline, Packets, PacketList, LogPane, NodeBox, LessonText),
    (ConfEditor,),
    (ComparisonApp, OverlayChart),
)
"""Classes whose keys work side by side: those of the lab, of the editor, and of a comparison."""
_NEEDS = {command.id: command.needs for command in COMMANDS}
REBINDABLE = (*(command.id for command in COMMANDS), *EDITOR_KEYS, *COMPARISON_KEYS)


def keymap_problems(keymap: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a keymap: a command's id, and a sentence."""
    for command, keys in keymap.items():
        if command not in REBINDABLE:
            guess = did_you_mean(command, REBINDABLE)
            yield command, f"there is no command `{command[:40]}`{guess}"
            continue
        for name in normal_keys(keys).split(","):
            if not is_key(name):
                yield command, f"there is no key '{name[:40]}'; keys are called f9, ctrl+k, alt+x, space or ?"
    yield from _conflicts(keymap)


def _conflicts(keymap: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each command whose new key is another one's, too, where both would work."""
    for classes in _TOGETHER:
        bindings = list(chain.from_iterable(map(_bindings_of, classes)))
        for binding in bindings:
            if binding.id is None or binding_keys(binding, keymap) == binding_keys(binding, {}):
                continue
            for other in bindings:
                shared = binding_keys(binding, keymap) & binding_keys(other, keymap)
                if shared and other.id != binding.id and not _never_together(binding.id, other.id or ""):
                    key = show_key(min(shared))
                    what = f"`{other.id}`" if other.id else f"“{other.description}”"
                    yield binding.id, f"the key {key} is that of {what}, too"
                    break


def _bindings_of(kind: type[Any]) -> Iterator[Binding]:
    for binding in kind.__dict__.get("BINDINGS", ()):
        if isinstance(binding, Binding):
            yield binding
        else:
            yield Binding(binding[0], binding[1], binding[2] if len(binding) > 2 else "")


def _never_together(one: str, other: str) -> bool:
    """Return True for a command of lessons and one of recordings: they share keys from the start."""
    return {_NEEDS.get(one), _NEEDS.get(other)} == {"lesson", "recorded"}


def check_keymap(settings: Settings) -> None:
    """Refuse keys of a person's own that cannot work.

    Raises:
        UserError: the first that is wrong, with the place where it was given.
    """
    places = settings.key_places()
    for command, problem in keymap_problems(settings["keys"]):
        hint = "hatlab config keys lists the commands and their keys"
        raise UserError(f"{places.get(command, '')}: {problem}", hint)


def rebindable_commands() -> Iterator[tuple[str, str, str]]:
    """Yield each command that can have another key: its id, its key as people read it, and what it does."""
    for command in COMMANDS:
        yield command.id, key_of(command.id), command.help
    for binding in _bindings_of(ConfEditor):
        if binding.id in EDITOR_KEYS:
            yield binding.id, key_of(binding.id), f"In the editor: {binding.tooltip}"
    for binding in chain(_bindings_of(OverlayChart), _bindings_of(ComparisonApp)):
        if binding.id in COMPARISON_KEYS:
            yield binding.id, key_of(binding.id), f"In a comparison: {binding.tooltip}"
