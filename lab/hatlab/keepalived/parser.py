"""The grammar of keepalived.conf, as keepalived's own reader has it (lib/parser.c): statements of words,
one a line, some followed by a block in braces.

A brace ends the statement before it, on one line or several; nothing but the end of a line or a brace
does. So `authentication { auth_type PASS auth_pass 1111 }` is *one* statement in the block, and its
password is read as more words of `auth_type`. `!` and `#` begin a comment anywhere outside quotes.

`$` definitions and `~SEQ` are written out, lines for another `@` configuration id are left out
(`hatlab.keepalived.preprocessor`); what was written out stands where its name stood. Unknown keywords are
kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from hatlab.keepalived.preprocessor import BLANKS, Include, Line, Lines, Problem


@dataclass(frozen=True, slots=True)
class Word:
    """One word without its quotes.

    Attributes:
        start, end: offsets in the text (of the statement's file), quotes included; of the definition's name
            if the word came from one.
        alone: False if other words came from the same place, so that it cannot be changed there.
    """

    text: str
    start: int
    end: int
    alone: bool = True


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
        column: where the keyword stands, from 1.
        file: the included file it stands in, empty for the text itself.
    """

    words: tuple[Word, ...]
    line: int
    body: tuple[Statement, ...] | None = None
    open: int = -1
    close: int = -1
    closed: bool = True
    column: int = 1
    file: str = ""

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


@dataclass(frozen=True, slots=True)
class Document:
    """A text as it was read.

    Attributes:
        texts: name of an included file → its text; the text itself has an empty name.
        root: all of it, as the body of a statement without words.
        problems: what could not be read as it stands, in the order of the text.
    """

    texts: Mapping[str, str]
    root: Statement
    problems: tuple[Problem, ...]


def parse_config(text: str) -> Statement:
    """The whole text as the body of a statement without words. Never raises, opens no file.

    A missing `}` ends its block at the end of the text; one too many is ignored.
    """
    return read_document(text).root


def read_document(text: str, *, config_id: str = "", include: Include | None = None) -> Document:
    """Reads a keepalived.conf. Never raises, in time and memory bounded by the text and what it includes.

    Args:
        text: the file.
        config_id: keepalived's `-i`; lines for another one are left out.
        include: finds included files; without it `include` is a statement like any other.
    """
    lines = Lines(text, config_id, include)
    problems: list[Problem] = []
    levels: list[list[Statement]] = [[]]
    headers: list[Statement] = []
    for line, words, brace, at in _pieces(lines):
        column = (words[0].start if words else at) - line.base + 1
        if words:
            levels[-1].append(Statement(words, line.number, column=column, file=line.file))
        if brace == "{":
            owner = Statement((), line.number, column=column, file=line.file)
            if levels[-1] and levels[-1][-1].body is None:
                owner = levels[-1].pop()
            headers.append(replace(owner, open=at + 1))
            levels.append([])
        elif brace == "}" and headers:
            body = tuple(levels.pop())
            levels[-1].append(replace(headers.pop(), body=body, close=at))
        elif brace == "}":
            problems.append(
                Problem("close", line.number, at - line.base + 1, "this } closes nothing", line.file)
            )
    while headers:
        body, open_one = tuple(levels.pop()), headers.pop()
        levels[-1].append(replace(open_one, body=body, close=len(text), closed=False))
        problems.append(
            Problem("open", open_one.line, open_one.column, "this block is not closed", open_one.file)
        )
    problems = sorted([*lines.problems, *problems], key=lambda p: (p.file, p.line, p.column))
    return Document(lines.texts, Statement((), 1, tuple(levels[0]), 0, len(text)), tuple(problems))


def line_at(text: str, number: int) -> str:
    """Line `number` (from 1) without its surrounding blanks; empty if there is none."""
    lines = text.split("\n")
    return lines[number - 1].strip() if 1 <= number <= len(lines) else ""


def _pieces(lines: Lines) -> Iterator[tuple[Line, tuple[Word, ...], str, int]]:
    """Runs of words with what ended each: (line, words, `{` or `}` or "", its offset)."""
    for each in lines:
        words: list[Word] = []
        for found in _TOKEN.finditer(each.text):
            at, end = found.span()
            if found[0] in {"{", "}"}:
                yield each, tuple(words), found[0], each.start[at]
                words = []
            else:
                quoted = found[0].startswith('"')
                text = found[0].strip('"') if quoted else found[0]
                words.append(Word(text, each.start[at], each.end[end - 1], _alone(each, at, end)))
        if words:
            yield each, tuple(words), "", -1


_TOKEN = re.compile(rf'[{{}}]|"[^"]*"?|[^{BLANKS}{{}}"]+')


def _alone(line: Line, at: int, end: int) -> bool:
    if isinstance(line.start, range):
        return line.alone
    before = at == 0 or line.start[at - 1] < line.start[at]
    after = end == len(line.text) or line.end[end] > line.end[end - 1]
    return line.alone and before and after
