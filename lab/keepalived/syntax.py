"""The grammar of keepalived.conf, as keepalived's own reader has it (lib/parser.c): statements of words,
one a line, some followed by a block in braces.

A brace ends the statement before it, on one line or several; nothing but the end of a line or a brace
does. So `authentication { auth_type PASS auth_pass 1111 }` is *one* statement in the block, and its
password is read as more words of `auth_type`. `!` and `#` begin a comment anywhere outside quotes.

Not followed: `include`, `$` definitions and lines for another `@` configuration id.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Word:
    """One word without its quotes; `start` and `end` are offsets in the text, quotes included."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and the block behind it.

    Attributes:
        words: the keyword and its values; empty for a block without a keyword.
        line: where the keyword stands, from 1.
        body: the block's statements, None without a block.
        open: offset behind the block's `{`, -1 without a block.
        close: offset of the block's `}`, or the end of the text if it is missing.
        closed: whether the `}` is there.
    """

    words: tuple[Word, ...]
    line: int
    body: tuple[Statement, ...] | None = None
    open: int = -1
    close: int = -1
    closed: bool = True

    @property
    def keyword(self) -> str:
        return self.words[0].text if self.words else ""

    def value(self, index: int = 1) -> str:
        """The word behind the keyword, empty if there is none."""
        return self.words[index].text if len(self.words) > index else ""

    def all(self, keyword: str) -> Iterator[Statement]:
        """Statements of the block with this keyword."""
        return (inner for inner in self.body or () if inner.keyword == keyword)

    def last(self, keyword: str) -> Statement | None:
        """The last statement of the block with this keyword: the one keepalived goes by."""
        return next((inner for inner in reversed(self.body or ()) if inner.keyword == keyword), None)


def parse(text: str) -> Statement:
    """The whole text as the body of a statement without words. Never raises.

    A missing `}` ends its block at the end of the text; one too many is ignored.
    """
    levels: list[list[Statement]] = [[]]
    headers: list[Statement] = []
    for number, words, brace, at in _pieces(text):
        if words:
            levels[-1].append(Statement(words, number))
        if brace == "{":
            owner = levels[-1].pop() if levels[-1] and levels[-1][-1].body is None else Statement((), number)
            headers.append(replace(owner, open=at + 1))
            levels.append([])
        elif brace == "}" and headers:
            body = tuple(levels.pop())
            levels[-1].append(replace(headers.pop(), body=body, close=at))
    while headers:
        body = tuple(levels.pop())
        levels[-1].append(replace(headers.pop(), body=body, close=len(text), closed=False))
    return Statement((), 1, tuple(levels[0]), 0, len(text))


def line(text: str, number: int) -> str:
    """Line `number` (from 1) without its surrounding blanks; empty if there is none."""
    lines = text.split("\n")
    return lines[number - 1].strip() if 1 <= number <= len(lines) else ""


def _pieces(text: str) -> Iterator[tuple[int, tuple[Word, ...], str, int]]:
    """Runs of words with what ended each: (line, words, `{` or `}` or "", its offset)."""
    start = 0
    for number, raw in enumerate(text.split("\n"), 1):
        words: list[Word] = []
        for token in _tokens(raw, start):
            if isinstance(token, Word):
                words.append(token)
            else:
                yield number, tuple(words), raw[token - start], token
                words = []
        if words:
            yield number, tuple(words), "", -1
        start += len(raw) + 1


def _tokens(raw: str, start: int) -> Iterator[Word | int]:
    """Words of one line, and the offset of each brace between them."""
    at, size = 0, len(raw)
    while at < size:
        char = raw[at]
        if char in " \t\r\f\v":
            at += 1
        elif char in "!#":
            return
        elif char in "{}":
            yield start + at
            at += 1
        elif char == '"':
            end = raw.find('"', at + 1)
            end = size if end < 0 else end
            yield Word(raw[at + 1 : end], start + at, start + min(end + 1, size))
            at = end + 1
        else:
            end, text = _bare(raw, at)
            yield Word(text, start + at, start + end)
            at = end


def _bare(raw: str, at: int) -> tuple[int, str]:
    """A word without quotes from `at`: its end and its text; `\\#` and `\\!` are no comments."""
    text = ""
    while at < len(raw) and raw[at] not in ' \t\r\f\v{}!#"':
        if raw[at] == "\\" and raw[at + 1 : at + 2] in {"#", "!"}:
            at += 1
        text += raw[at]
        at += 1
    return at, text
