"""What is typed behind `hatlab help` for a page: a command of the same name comes first."""

from __future__ import annotations

from hatlab.commands import COMMANDS


def topic_word(topic: str) -> str:
    """Return what is typed behind `hatlab help` for a page."""
    return f"{topic}.md" if topic in COMMANDS else topic


def topics() -> dict[str, str]:
    """Return what may stand behind `hatlab help` for each page, and the page's title."""
    from hatlab.util.pages import find_pages, page_title

    return {topic_word(topic): page_title(path) for topic, path in find_pages().items()}
