"""Texts hang behind their glyphs; equations and numbers with units stay whole."""

from __future__ import annotations

from textual.content import Content

from hatlab.tui.widgets.bullet_list import Bullet, EquationBullet, _wrap_bullets, wrap_content

NO_GLYPH = ("", "")


def _lines(bullet: Bullet, width: int) -> list[str]:
    return [line.plain.rstrip() for line in _wrap_bullets([bullet], width)]


def test_a_choice_hangs_behind_its_glyph() -> None:
    assert _lines((("◦ ", ""), Content("db2 hears nobody and takes over")), 18) == [
        "◦ db2 hears nobody",
        "  and takes over",
    ]


def test_an_equation_in_a_text_stands_on_a_line_of_its_own() -> None:
    text = Content("It waited: 3 × 1 s + 0.414 s = 3.414 s. You measured as much.")
    assert _lines((("✔ ", ""), text), 40) == [
        "✔ It waited:",
        "    3 × 1 s + 0.414 s = 3.414 s.",
        "  You measured as much.",
    ]


def test_a_long_sum_has_a_line_for_each_term() -> None:
    text = Content("0.61 s until db1 was STOPPED + 0.60 s until db2 was MASTER = 1.21 s")
    assert _lines(EquationBullet(("= ", ""), text), 42) == [
        "= 0.61 s until db1 was STOPPED",
        "    + 0.60 s until db2 was MASTER",
        "    = 1.21 s",
    ]


def test_no_number_is_parted_from_its_unit() -> None:
    text = Content("db1 took over after 3.41 s.")
    assert [line.plain for line in wrap_content(text, 25)] == ["db1 took over after", "3.41 s."]
    assert wrap_content(Content(""), 25) == [Content("")]
