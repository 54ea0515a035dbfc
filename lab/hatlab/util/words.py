"""Words that have a colour: those of SQL, and any language's painted for a terminal. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hatlab.util.terminal import TerminalText
from hatlab.util.visible import show_controls

_SGR = {
    "block": "1;34",
    "keyword": "36",
    "constant": "1",
    "number": "35",
    "string": "32",
    "variable": "1;35",
    "comment": "90",
    "sign": "90",
}
"""What a word is, and its colour in a terminal (ECMA-48, SGR)."""
_STATEMENT = re.compile(
    r"""\s*(?:sql\s+\S+\s+|(?:\S*/)?mysql\b[^'"|;&]*?\s(?:-\w*e\s*|--execute(?:=|\s+)))(?P<quote>["']?)(?P<sql>.*)"""
)
"""The action `sql NODE "…"`, and what runs SQL in a shell: `mysql -e "…"`."""


class Token(NamedTuple):
    """A word, from one column up to another."""

    start: int
    end: int
    kind: str
    """block, keyword, constant, number, string, variable, comment or sign."""


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


def command_tokens(line: str) -> Iterator[Token]:
    """Yield the words of the SQL in a command, in its own columns; none if it has no SQL."""
    match = _STATEMENT.match(line)
    if match is None:
        return
    quote, sql = match["quote"], match["sql"]
    if quote and quote in sql:
        sql = sql[: sql.rindex(quote)]
    for token in sql_tokens(sql):
        yield Token(token.start + match.start("sql"), token.end + match.start("sql"), token.kind)


def paint_words(line: str, tokens: Iterable[Token]) -> TerminalText:
    """Return a line in a terminal's colours; what would steer it is made visible."""
    painted, end = "", 0
    for token in tokens:
        word = show_controls(line[token.start : token.end])
        painted += f"{show_controls(line[end : token.start])}\x1b[{_SGR[token.kind]}m{word}\x1b[0m"
        end = token.end
    return TerminalText(painted + show_controls(line[end:]))
