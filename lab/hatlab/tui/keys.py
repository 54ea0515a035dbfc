"""The keys of commands as they are bound: hatlab's own, or a person's.

A text that names a key asks `key_of`, so it names the one that works here. Dialogs keep their keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from textual.binding import Binding
from textual.keys import Keys, _character_to_key, format_key

from hatlab.lessons.key_markup import use_keys
from hatlab.tui.commands import COMMANDS, rebind

EDITOR_KEYS = {
    "editor.check": "ctrl+s",
    "editor.apply": "ctrl+r",
    "editor.compare": "f3",
    "editor.piece": "f2",
    "editor.find": "ctrl+f",
    "editor.restore": "f8",
    "editor.details": "f5",
    "editor.next": "f4",
    "editor.close": "escape",
}
"""The editor's commands and their keys."""
COMPARISON_KEYS = {"compare.next": "n", "compare.previous": "N", "compare.theme": "t"}
"""The commands of the screen that compares two runs, and their keys."""
_OTHERS = {**EDITOR_KEYS, **COMPARISON_KEYS}
_BY_ID = {command.id: command for command in COMMANDS}
_NAMED = {"escape": "Esc", "pageup": "PgUp", "pagedown": "PgDn", "delete": "Del"}
_IN_TEXTS = {"bksp": "Backspace", "^n": "Ctrl+N", "^p": "Ctrl+P", "^t": "Ctrl+T"}
"""A key as it stands in a bar → as it stands in a text."""
_MODIFIERS = {"ctrl", "alt", "shift", "super", "meta"}
_bound: dict[str, str] = {}
"""The commands that a person has bound to other keys → these, as people read them."""


def key_of(command: str) -> str:
    """Return the key of a command, as people read it."""
    if command in _bound:
        return _bound[command]
    if command in _BY_ID:
        own = _BY_ID[command].own_key_shown
        return _IN_TEXTS.get(own, own)
    return show_key(normal_keys(_OTHERS[command]))


def use_keymap(keymap: Mapping[str, str]) -> dict[str, str]:
    """Name commands' keys as they are bound from now on.

    Args:
        keymap: command → its key, or several with commas between.

    Returns:
        the keymap for Textual. Where two commands have one key and one is bound anew, Textual takes it from
        both; so the other one is bound to it once more.
    """
    normal = {command: normal_keys(keys) for command, keys in keymap.items()}
    shown = {command: show_key(keys.split(",")[0]) for command, keys in normal.items()}
    _bound.clear()
    _bound.update(shown)
    rebind(shown)
    use_keys(_keys_in_lessons(shown))
    taken = {key for command in normal if command in _BY_ID for key in _BY_ID[command].key.split(",")}
    others = {c.id: c.key for c in COMMANDS if c.id not in normal and taken & {*c.key.split(",")}}
    return {**others, **normal}


def _keys_in_lessons(shown: Mapping[str, str]) -> dict[str, str]:
    """Return hatlab's key → the bound one, for lessons; of two with one key, a lesson means its own."""
    own = sorted(COMMANDS, key=lambda command: command.needs == "lesson")
    keys = {command.own_key_shown: shown.get(command.id, command.own_key_shown) for command in own}
    keys |= {show_key(key): shown.get(command, show_key(key)) for command, key in EDITOR_KEYS.items()}
    return {key: bound for key, bound in keys.items() if key != bound}


def normal_keys(keys: str) -> str:
    """Return keys with commas between by Textual's names: `?` is `question_mark`."""
    names = [key.strip() for key in keys.split(",")]
    return ",".join(_character_to_key(name) if len(name) == 1 else name for name in names)


def is_key(name: str) -> bool:
    """Return True if Textual knows a key of this name."""
    *modifiers, base = name.split("+")
    if not base or not {*modifiers} <= _MODIFIERS:
        return False
    return base in {key.value for key in Keys} or len(format_key(base)) == 1


def show_key(name: str) -> str:
    """Return a key as people read it: `Ctrl+K`, `F9`, `?`, `Esc`."""
    *modifiers, base = name.split("+")
    character = format_key(base)
    if not modifiers and len(character) == 1 and base not in {key.value for key in Keys}:
        return character
    base = _NAMED.get(base, base.upper() if len(base) == 1 or re.fullmatch(r"f\d+", base) else base.title())
    return "+".join([*(modifier.title() for modifier in modifiers), base])


def binding_keys(binding: Binding, keymap: Mapping[str, str]) -> set[str]:
    """Return the keys of a binding under a keymap."""
    return {*normal_keys(keymap.get(binding.id or "", binding.key)).split(",")}
