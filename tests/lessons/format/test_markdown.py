"""A lesson's Markdown, cut up."""

from __future__ import annotations

from hatlab.lessons.format.markdown import Block, Passage, parse_markdown
from tests.support.lesson_findings import locations
from tests.support.lesson_texts import LESSON


def test_passages_know_their_lines() -> None:
    page = parse_markdown(
        "---\na: 1\n---\n\n\nintro\n\n## One ##\ntext\n```yaml lab\nuntil: x\n```\n\n  more\nand more\n"
    )
    intro, one = page.sections
    assert intro.parts == [Passage("intro", 6)]
    assert (one.title, one.line) == ("One", 8)
    assert one.parts == [Passage("text", 9), Block("lab", "until: x", 10), Passage("  more\nand more", 14)]


def test_code_in_a_list_or_a_quote_may_show_a_block() -> None:
    code = "- one\n\n  ````markdown\n  ```yaml task\n  ```\n  ````\n\n> ~~~\n> ```yaml tsk\n> ~~~\n\nIt took"
    assert locations(LESSON.replace("It took", code)) == []
