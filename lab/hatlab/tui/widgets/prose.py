"""Markdown as lessons have it: equations on lines of their own, code in the theme's colours."""

from __future__ import annotations

from markdown_it.token import Token
from textual.content import Content
from textual.widgets import Markdown
from textual.widgets._markdown import MarkdownBlock, MarkdownFence, MarkdownParagraph

from hatlab.tui.widgets.syntax import highlight_code
from hatlab.util.equations import split_equations


class ProseParagraph(MarkdownParagraph):
    """A paragraph; an equation in it is set off."""

    def build_from_token(self, token: Token) -> None:
        super().build_from_token(token)
        text = self._content
        parts = split_equations(text.plain)
        if any(part.is_equation for part in parts):
            lines = (Content("  " * part.is_equation) + text[part.start : part.end] for part in parts)
            self.set_content(Content("\n").join(lines))


class CodeFence(MarkdownFence):
    """A piece of code."""

    @classmethod
    def highlight(cls, code: str, language: str, ansi: bool = False, dark: bool = False) -> Content:  # noqa: ARG003
        return highlight_code(code, language)


class ProseMarkdown(Markdown):
    """Prose without links.

    Args:
        markdown: None if it will be known later: an empty text would be shown in place of a later one.
    """

    BLOCKS: dict[str, type[MarkdownBlock]] = {  # noqa: RUF012 - so Textual declares it
        **Markdown.BLOCKS,
        "paragraph_open": ProseParagraph,
        "fence": CodeFence,
        "code_block": CodeFence,
    }

    def __init__(self, markdown: str | None) -> None:
        super().__init__(markdown, open_links=False)
