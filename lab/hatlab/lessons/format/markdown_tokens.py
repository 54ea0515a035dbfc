"""The blocks of a Markdown text by markdown-it: fences, headings and comments, with their lines."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token


def block_tokens(text: str) -> list[Token]:
    """Return the blocks of a text in order; `map` is the first line and the one behind the last, from 0.

    Their types are `fence`, `heading_open` and `comment`, and what these can stand in, with a `level` above 0
    then: lists and quotes.
    """
    return _parser().parse(text)


def fence_tokens(text: str) -> Iterator[Token]:
    """Yield the blocks of fenced code."""
    return (token for token in block_tokens(text) if token.type == "fence")


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # 20 ms, which most commands need not wait for

    parser = MarkdownIt("zero").enable(["blockquote", "list", "fence", "heading"])
    parser.core.ruler.enableOnly(["normalize", "block"])
    parser.block.ruler.before("fence", "comment", _comment, {"alt": ["paragraph", "blockquote", "list"]})
    return parser


def _comment(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A rule that Markdown lacks: from a line that begins with `<!--` to one with `-->` is a comment."""
    begin = state.bMarks[start]
    if not state.src.startswith("<!--", begin) or state.src[begin - 1 : begin] not in {"", "\n"}:
        return False
    if not silent:
        close = state.src.find("-->", begin)
        state.line = next((k for k in range(start, end) if 0 <= close < state.eMarks[k]), end - 1) + 1
        state.push("comment", "", 0).map = [start, state.line]
    return True
