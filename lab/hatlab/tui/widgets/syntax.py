"""Colours for keepalived.conf and SQL, in the theme's own. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from textual.content import Content, Span

from hatlab.keepalived.tokens import conf_tokens, is_conf
from hatlab.util.words import Token, sql_tokens

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

_SQL_BEGINS = frozenset(
    [
        *("SELECT", "SHOW", "INSERT", "UPDATE", "DELETE", "SET", "START", "STOP", "RESET", "CHANGE"),
        *("CREATE", "ALTER", "DROP", "USE", "FLUSH", "PURGE"),
    ]
)
_FIELD = re.compile(r"\w+:(?= |$)")
_VALUE = re.compile(
    r"(?<![\w.-])(?:(?P<number>\d+)|(?P<good>Yes|ON)|(?P<bad>No|OFF|NULL))(?![\w.-])|(?P<sign> \| )"
)
_VALUE_STYLES = {"number": "$vip", "good": "$master", "bad": "$fault", "sign": "$quiet"}
_PROMPT = re.compile(r"(?:mysql> |    -> )?")


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


def highlight_rows(text: str) -> Content:
    """Return an answer of SQL in colours: the names of columns, numbers, and what runs or does not."""
    lines = text.split("\n")
    named = [_FIELD.match(line) for line in lines]
    is_table = bool(lines) and not named[0] and " | " in lines[0]
    spans: list[Span] = []
    offset = 0
    for number, (line, field) in enumerate(zip(lines, named, strict=True)):
        start = field.end() if field else 0
        if start:
            spans.append(Span(offset, offset + start, STYLES["keyword"]))
        if is_table and not number:
            spans.append(Span(offset, offset + len(line), f"bold {STYLES['keyword']}"))
        else:
            for match in _VALUE.finditer(line, start):
                kind = match.lastgroup or "sign"
                spans.append(Span(offset + match.start(), offset + match.end(), _VALUE_STYLES[kind]))
        offset += len(line) + 1
    return Content(text, spans)


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
    if is_conf(first):
        return "conf"
    return "sql" if first.upper().rstrip(";") in _SQL_BEGINS else ""


def _spans(tokens: Iterator[Token], offset: int = 0) -> list[Span]:
    return [Span(token.start + offset, token.end + offset, STYLES[token.kind]) for token in tokens]
