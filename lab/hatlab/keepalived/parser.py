"""Parses keepalived.conf into a tree of statements, as keepalived's own reader does (lib/parser.c).

A statement is a line of words, some with a block in braces behind it. Only a brace or the end of the line
ends one. So `authentication { auth_type PASS auth_pass 1111 }` is *one* statement in the block, and its
password is read as more words of `auth_type`. `!` and `#` begin a comment anywhere outside quotes.

The lines come prepared (`hatlab.keepalived.preprocessor`). Unknown keywords are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from hatlab.keepalived.keywords import KEYWORDS, block_path, is_list
from hatlab.keepalived.preprocessor import BLANKS, Include, Line, Lines, Problem


@dataclass(frozen=True, slots=True)
class Word:
    """One word without its quotes."""

    text: str
    start: int
    """Offset in its file of its first character, quote included; of the definition's name
    if the word came from one."""
    end: int
    """Offset behind its last."""
    alone: bool = True
    """False if other words came from the same place, so that it cannot be changed there."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and the block behind it."""

    words: tuple[Word, ...]
    """The keyword and its values; empty for a block without a keyword."""
    line: int
    """The line of the keyword, from 1."""
    body: tuple[Statement, ...] | None = None
    """The block's statements; None without a block."""
    open: int = -1
    """Offset behind the block's `{`, -1 without one."""
    close: int = -1
    """Offset of the block's `}`, or of the end of the text if it is missing."""
    closed: bool = True
    """False if the `}` is missing."""
    column: int = 1
    """The column of the keyword, from 1."""
    file: str = ""
    """The included file it stands in, empty for the text itself."""
    text: str = ""
    """Its words as they are written, quotes included, comments and definitions done with."""

    @property
    def keyword(self) -> str:
        return self.words[0].text if self.words else ""

    def value(self, index: int = 1) -> str:
        """The first word behind the keyword (or another by index), empty if there is none."""
        return self.words[index].text if len(self.words) > index else ""

    def all(self, keyword: str) -> Iterator[Statement]:
        """The statements of the block with this keyword."""
        return (inner for inner in self.body or () if inner.keyword == keyword)

    def last(self, *keywords: str) -> Statement | None:
        """The last statement of the block with one of these keywords: the one keepalived goes by."""
        return next((inner for inner in reversed(self.body or ()) if inner.keyword in keywords), None)

    def merged(self, keyword: str) -> Statement:
        """All blocks with this keyword as one, such as `global_defs`, which may stand there several times."""
        return Statement((), 0, tuple(inner for block in self.all(keyword) for inner in block.body or ()))


@dataclass(frozen=True, slots=True)
class Document:
    """A keepalived.conf as a tree."""

    texts: Mapping[str, str]
    """Name → text of each included file; the text itself has an empty name."""
    root: Statement
    """All of it, as the body of a statement without words."""
    problems: tuple[Problem, ...]
    """Those of its syntax, in the order of the text."""


@lru_cache(maxsize=64)  # a lab asks for the same few texts at every turn
def parse_config(text: str) -> Statement:
    """The root of `parse_document`, where nothing is included. Never raises."""
    return parse_document(text).root


def parse_document(text: str, *, config_id: str = "", include: Include | None = None) -> Document:
    """Parse a keepalived.conf. Never raises, in time and memory bounded by the text and what it includes.

    A missing `}` ends its block at the end of the text; one too many is ignored. A list such as
    `virtual_ipaddress` without its `{` begins all the same (alloc_value_block).

    Args:
        text: the file.
        config_id: keepalived's `-i`, by default the host's name; lines for another are left out.
        include: finds included files; without it `include` is a statement like any other.
    """
    lines = Lines(text, config_id, include)
    problems: list[Problem] = []
    levels: list[list[Statement]] = [[]]
    owners: list[Statement] = []
    paths = [""]
    for line, words, written, brace, at in _split(lines):
        if (words or brace == "}") and (begun := _list_without_brace(levels[-1], paths[-1])):
            owners.append(levels[-1].pop())
            levels.append([])
            paths.append(begun)
        column = (words[0].start if words else at) - line.base + 1
        if words:
            levels[-1].append(Statement(words, line.number, column=column, file=line.file, text=written))
        if brace == "{" and len(owners) >= MOST_LEVELS:
            told = f"blocks are nested more than {MOST_LEVELS} levels deep; from here on nothing is read"
            problems.append(Problem("deep", line.number, at - line.base + 1, told, line.file))
            break
        if brace == "{":
            owner = Statement((), line.number, column=column, file=line.file)
            if levels[-1] and levels[-1][-1].body is None:
                owner = levels[-1].pop()
            owners.append(replace(owner, open=at + 1))
            levels.append([])
            paths.append(block_path(paths[-1], owner.keyword))
        elif brace == "}" and owners:
            body = tuple(levels.pop())
            paths.pop()
            levels[-1].append(replace(owners.pop(), body=body, close=at))
        elif brace == "}":
            column = at - line.base + 1
            problems.append(Problem("close", line.number, column, "this } closes nothing", line.file))
    while owners:
        body, owner = tuple(levels.pop()), owners.pop()
        levels[-1].append(replace(owner, body=body, close=len(text), closed=False))
        if all(problem.kind != "deep" for problem in problems):
            problems.append(Problem("open", owner.line, owner.column, "this block is not closed", owner.file))
    problems = sorted([*lines.problems, *problems], key=lambda p: (p.file, p.line, p.column))
    return Document(lines.texts, Statement((), 1, tuple(levels[0]), 0, len(text)), tuple(problems))


def _list_without_brace(statements: list[Statement], outer: str) -> str:
    """The path of a list that the last statement of a block begins without its `{`; empty for none."""
    last = statements[-1] if statements else None
    if last is None or last.body is not None or not last.words:
        return ""
    path = block_path(outer, last.keyword)
    return path if last.keyword in KEYWORDS.get(outer, ()) and is_list(path) else ""


def line_at(text: str, number: int) -> str:
    """Line `number` (from 1) without blanks around it; empty if there is none."""
    lines = text.split("\n")
    return lines[number - 1].strip() if 1 <= number <= len(lines) else ""


def _split(lines: Lines) -> Iterator[tuple[Line, tuple[Word, ...], str, str, int]]:
    """Runs of words with what ended each: (line, words, their text, `{` or `}` or "", its offset)."""
    for line in lines:
        words: list[Word] = []
        begin = 0
        for token in _TOKEN.finditer(line.text):
            start, end = token.span()
            if token[0] in {"{", "}"}:
                yield line, tuple(words), line.text[begin:start].strip(), token[0], line.start[start]
                words, begin = [], end
            else:
                text = token[0].strip('"') if token[0].startswith('"') else token[0]
                words.append(Word(text, line.start[start], line.end[end - 1], _is_alone(line, start, end)))
        if words:
            yield line, tuple(words), line.text[begin:].strip(), "", -1


MOST_LEVELS = 20
"""Blocks in one another; keepalived's own keywords need five."""
_TOKEN = re.compile(rf'[{{}}]|"[^"]*"?|[^{BLANKS}{{}}"]+')


def _is_alone(line: Line, start: int, end: int) -> bool:
    """False if other characters of the line came from the same place as the word between these indices."""
    if isinstance(line.start, range):
        return line.alone
    before = start == 0 or line.start[start - 1] < line.start[start]
    after = end == len(line.text) or line.end[end] > line.end[end - 1]
    return line.alone and before and after
