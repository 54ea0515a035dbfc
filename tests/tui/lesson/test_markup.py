"""A lesson's texts as a screen draws them."""

from __future__ import annotations

from hatlab.tui.lesson.markup import render_markup
from hatlab.tui.lesson.view_model import safe_markdown
from hatlab.tui.widgets.bullet_list import wrap_content


def test_a_key_is_shown_as_the_key() -> None:
    text = "*Now* {key:mend|the key `@`|type @}: {key:kill mysqld db1}"
    assert render_markup(text).plain == "Now the key u: k"
    assert safe_markdown(f"{text}\n\n~~~\n{text}\n~~~") == f"*Now* the key `u`: k\n\n~~~\n{text}\n~~~"


def test_what_is_to_be_typed_is_broken_only_where_no_line_holds_it() -> None:
    content = render_markup('Press : and type this line: `sql client "SELECT @@hostname"`. It asks.', "bold")
    lines = [line.plain for line in wrap_content(content, 42)]
    assert lines == ["Press : and type this line:", 'sql client "SELECT @@hostname". It asks.']
    for width in range(14, 70):
        words = " ".join(line.plain.strip() for line in wrap_content(content, width))
        assert words == content.plain, width
