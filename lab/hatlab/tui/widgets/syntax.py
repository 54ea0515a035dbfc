"""Colours for keepalived.conf and SQL, in the theme's own. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from textual.content import Content, Span

from hatlab.keepalived.keywords import BLOCKS, KEYWORDS

STYLES = {
    "block": "bold $backup",
    "keyword": "$wire",
    "constant": "bold $foreground",
    "number": "$vip",
    "string": "$master",
    "variable": "bold $vip",
    "comment": "italic $quiet",
    "sign": "$quiet",
}
"""What a word of a language is, and its style."""

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
_SQL_BEGINS = frozenset(
    [
        *("SELECT", "SHOW", "INSERT", "UPDATE", "DELETE", "SET", "START", "STOP", "RESET", "CHANGE"),
        *("CREATE", "ALTER", "DROP", "USE", "FLUSH", "PURGE"),
    ]
)
_PROMPT = re.compile(r"(?:mysql> |    -> )?")


class Token(NamedTuple):
    """A word, from one column up to another."""

    start: int
    end: int
    kind: str
    """One of `STYLES`."""


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


def sql_tokens(text: str) -> Iterator[Token]:
    """Yield the words of SQL statements that have a colour."""
    from pygments import token as t
    from pygments.lexers.sql import MySqlLexer

    kinds = {
        t.Comment: "comment",
        t.Number: "number",
        t.String: "string",
        t.Punctuation: "sign",
        t.Keyword: "keyword",
        t.Keyword.Type: "block",
        t.Keyword.Constant: "constant",
        t.Name.Function: "block",
        t.Name.Variable: "variable",
    }
    for start, kind, word in MySqlLexer().get_tokens_unprocessed(text):
        while kind is not None and kind not in kinds:
            kind = kind.parent
        if kind is not None:
            yield Token(start, start + len(word), kinds[kind])


def highlight_conf(text: str) -> Content:
    """Return lines of keepalived.conf in colours."""
    spans: list[Span] = []
    offset = 0
    for line in text.split("\n"):
        spans += _spans(conf_tokens(line), offset)
        offset += len(line) + 1
    return Content(text, spans)


def highlight_sql(text: str) -> Content:
    """Return SQL in colours."""
    return Content(text, _spans(sql_tokens(text)))


def highlight_code(code: str, language: str = "") -> Content:
    """Return a piece of code in colours; if no language is named, that of its first word."""
    language = language or guess_language(code)
    if language == "sql":
        return highlight_sql(code)
    return highlight_conf(code) if language in {"conf", "keepalived"} else Content(code)


def guess_language(code: str) -> str:
    """Return `sql`, `conf` (keepalived.conf), or "" for neither."""
    words = _PROMPT.sub("", code.lstrip(), count=1).split()
    first = words[0] if words else ""
    if first.upper().rstrip(";") in _SQL_BEGINS and first not in _KEYWORDS:
        return "sql"
    return "conf" if first in _BLOCKS or first in _KEYWORDS else ""


def _spans(tokens: Iterator[Token], offset: int = 0) -> list[Span]:
    return [Span(token.start + offset, token.end + offset, STYLES[token.kind]) for token in tokens]
