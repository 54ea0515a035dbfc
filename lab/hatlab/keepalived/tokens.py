"""The words of keepalived.conf that have a colour, and lines of it painted for a terminal. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hatlab.keepalived.keywords import BLOCKS, KEYWORDS
from hatlab.util.terminal import TerminalText
from hatlab.util.words import Token, paint_words

_CONF = re.compile(
    r"""(?P<comment>[!#].*)|(?P<string>"(?:\\.|[^"\\\n])*"?)|(?P<variable>\$\{?\w+\}?=?|@\^?[\w.-]+|~\w+)"""
    r"""|(?P<sign>[{}])|(?P<word>[^\s{}"!#]+)"""
)
_NUMBER = re.compile(r"-?\d[\d.,:/%]*|[\da-fA-F]*:[\da-fA-F:.]*(?:/\d+)?")
_BLOCKS = frozenset(path.rpartition("/")[2] for path in BLOCKS if path)
_KEYWORDS = frozenset[str]().union(*KEYWORDS.values())
_CONSTANTS = frozenset(
    [
        *("MASTER", "BACKUP", "PASS", "AH", "on", "off", "yes", "no", "true", "false"),
        *("dev", "brd", "scope", "label", "weight"),
    ]
)


def conf_tokens(line: str) -> Iterator[Token]:
    """Yield the words of a line of keepalived.conf that have a colour; no line needs those above it."""
    first = True
    for match in _CONF.finditer(line):
        kind = match.lastgroup or ""
        if kind == "word":
            kind = _word_kind(match[0], first=first)
            first = False
        elif kind == "sign":
            first = True
        if kind:
            yield Token(match.start(), match.end(), kind)


def _word_kind(word: str, *, first: bool) -> str:
    if first and word in _BLOCKS:
        return "block"
    if first and word in _KEYWORDS:
        return "keyword"
    if _NUMBER.fullmatch(word):
        return "number"
    return "constant" if word in _CONSTANTS else ""


def is_conf(word: str) -> bool:
    """Return True if a line of keepalived.conf may begin with a word."""
    return word in _BLOCKS or word in _KEYWORDS


def paint_conf(text: str) -> TerminalText:
    """Return lines of keepalived.conf in a terminal's colours; what would steer it is made visible."""
    return TerminalText("\n".join(paint_words(line, conf_tokens(line)) for line in text.split("\n")))
