"""A lesson's texts as a screen draws them."""

from __future__ import annotations

from hatlab.tui.lesson.markup import render_markup
from hatlab.tui.lesson.view_model import safe_markdown


def test_a_key_is_shown_as_the_key() -> None:
    text = "*Now* {key:mend|the key `@`|type @}: {key:kill mysqld db1}"
    assert render_markup(text).plain == "Now the key u: k"
    assert safe_markdown(f"{text}\n\n~~~\n{text}\n~~~") == f"*Now* the key `u`: k\n\n~~~\n{text}\n~~~"
