"""Text from outside made visible: it steers no terminal, hides or reorders no word, breaks no column. Pure.

What steers, hides or reorders is written as Python writes it in a string (`\\x1b`, `\\u202e`), in one way
everywhere. Meant are the Unicode categories Cc, Cf, Cs, Co, Cn, Zl, Zp, letters that look like nothing, and
marks that pile up on a letter or stand on none. Joiners stay where Arabic and Indic scripts need them.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from unicodedata import category

MOST_MARKS = 4
"""Combining marks that may stand on one letter: more than any language writes."""
_ORDINARY = re.compile(
    r"[\t\n\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205f\u2190-\u23ff\u2500-\u27ff]*"
)
"""Texts that need no further look."""
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_EMOJI_SELECTORS = frozenset("\ufe0e\ufe0f")
"""Ask for a picture in colour, or none. Terminals differ in its width, so they go; the sign stays."""
_JOINERS = frozenset("\u200c\u200d")


def show_controls(text: str, keep: str = "\n\t") -> str:
    """Return a text in which everything that steers, hides or reorders is a visible escape.

    Args:
        text: from outside; lone surrogates may be in it.
        keep: control characters that belong into this text: newline and tab, or nothing for a name.
    """
    if text.isascii() and text.isprintable():
        return text
    if keep == "\n\t" and _ORDINARY.fullmatch(text):
        return text
    return "".join(_pieces(text, keep))


def is_visible(text: str, keep: str = "\n\t") -> bool:
    """Return True if `show_controls` has nothing to do."""
    return show_controls(text, keep) == text


def show_surrogates(text: str) -> str:
    """Return a text that every encoding of Unicode takes, of the same length; all else stays as it is."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def to_json(data: Any, **options: Any) -> str:
    """Return JSON in which everything that steers, hides or reorders is an escape of JSON's.

    Raises:
        TypeError: something in the data has no JSON form.
    """
    text = json.dumps(data, ensure_ascii=False, **options)
    if text.isascii() and text.isprintable():
        return text
    return text if _ORDINARY.fullmatch(text) else "".join(map(_json_character, text))


def _pieces(text: str, keep: str) -> Iterator[str]:
    before, marks = " ", 0
    for char in text:
        kind = _kind(char)
        if kind == "plain" or char in keep:
            marks = 0
            yield char
        elif kind == "mark":
            marks += 1
            fits = marks <= MOST_MARKS and not before.isspace()
            yield char if fits else escape_of(char)
        elif kind == "joiner":
            yield char if "\u0600" <= before <= "\u0fff" else escape_of(char)
        elif kind == "hidden":
            yield escape_of(char)
        before = char


@lru_cache(4096)
def _kind(char: str) -> str:
    if char in _EMOJI_SELECTORS:
        return "selector"
    if char in _JOINERS:
        return "joiner"
    kind = category(char)
    if char in _BLANK_LETTERS or kind in _HIDDEN_CATEGORIES or "\U000e0100" <= char <= "\U000e01ef":
        return "hidden"
    return "mark" if kind in _MARKS else "plain"


def escape_of(char: str) -> str:
    r"""Return `\x1b`, `\u202e` or `\U000e0001`: a character as Python writes it."""
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_character(char: str) -> str:
    if char == "\n" or _kind(char) in {"plain", "mark"}:
        return char
    return json.dumps(char)[1:-1] if ord(char) > 0x7F else f"\\u{ord(char):04x}"


def _encode_json(error: UnicodeError) -> tuple[str, int]:
    """An error handler of codecs: what a stream's encoding lacks is written as JSON writes it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


JSON_ESCAPES = "hatlab.json"
"""The `errors` of a text stream of JSON: what its encoding lacks stays the same text to who reads it."""
codecs.register_error(JSON_ESCAPES, _encode_json)
