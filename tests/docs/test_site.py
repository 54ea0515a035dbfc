"""The site's configuration and its pages; `make docs` builds the site and looks at the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from hatlab.commands import COMMANDS
from hatlab.commands.support.parsers import command_parser
from hatlab.lessons.library.loader import lesson_files, read_lesson
from hatlab.lessons.model import Item, Prose, QuestionItem, TaskItem
from tests.site.__main__ import all_pages
from tests.site.commands import command_page
from tests.site.navigation import pages_in, read_configuration
from tests.site.sources import DOCS, for_site

PAGES = all_pages()


def test_each_page_stands_once_in_the_navigation() -> None:
    """A new page of docs/ gets its place in docs/mkdocs.yml."""
    assert Counter(pages_in(read_configuration(PAGES)["nav"])) == Counter(PAGES.keys())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_of_a_command_says_what_its_help_says(name: str) -> None:
    parser = command_parser(name)
    page = command_page(parser)
    for action in parser._actions:
        assert all(f"`{option}" in page for option in action.option_strings)
    for line in parser.ending.splitlines()[1:]:
        assert line.strip() in page


def what_is_told_later(item: Item) -> Iterator[str]:
    """Yield what a lesson says once something is answered or done, or by way of a hint."""
    match item:
        case QuestionItem(question=question):
            yield from (why.say for why in question.why)
            yield from (choice.wrong for choice in question.choices if choice.wrong)
        case TaskItem(task=task):
            yield from (said.say for said in (*task.hints, *task.fail))
            yield from (wrong.because for wrong in task.wrong)
        case Prose(text=text):
            yield text


def test_the_page_of_a_lesson_gives_no_answer_away() -> None:
    """Nothing that a lesson says after its introduction stands on it but its first question."""
    for path in lesson_files():
        lesson = read_lesson(path)
        page = " ".join(PAGES[f"lessons/{lesson.front.id}.md"].split())
        told = [text for step in lesson.steps for item in step.items for text in what_is_told_later(item)]
        assert not [text for text in told if " ".join(text.split())[:40] in page]


def test_no_page_loads_anything_from_elsewhere() -> None:
    configuration = read_configuration(PAGES)
    assert configuration["theme"]["font"] is False
    loaded = [path for key in ("extra_css", "extra_javascript") for path in configuration[key]]
    loaded += configuration["extra"]["polyfills"]
    assert all(address.startswith("assets/") for address in loaded)
    assert any("iframe-worker" in address for address in loaded), "else zensical takes it from a CDN"


def test_a_fence_with_more_than_its_language_and_a_tag_in_code_reach_the_site_whole() -> None:
    page = for_site(DOCS / "writing-lessons.md")
    assert "\n```yaml\nid: slower" in page
    assert "<code>&lt;!--</code>" in page
    assert "`<!--" not in page.replace("````markdown", "")
