"""Markdown as text to be read aloud."""

from __future__ import annotations

from hatlab.text.markdown_text import format_markdown, format_text

PAGE = """\
### Two *kinds*
A paragraph of **two**
lines, with `code`.

- one point
  that goes on
- another

```
global_defs {
    *kept*
}
```
After it."""


def test_paragraphs_flow_and_code_stays() -> None:
    assert format_markdown(PAGE).split("\n") == [
        "### Two kinds",
        "A paragraph of two lines, with code.",
        "",
        "- one point that goes on",
        "- another",
        "",
        "global_defs {",
        "    *kept*",
        "}",
        "After it.",
    ]


def test_a_terminal_s_width_is_kept_and_points_hang() -> None:
    lines = format_markdown("- " + "one two three four " * 8, 40).split("\n")
    assert max(map(len, lines)) < 40
    assert all(line.startswith("  ") for line in lines[1:])


def test_what_the_program_says_keeps_its_lines() -> None:
    assert format_text("db1 is *MASTER*\ndb2 is `BACKUP`\nSELECT 3 * 4 * 5") == (
        "db1 is MASTER\ndb2 is BACKUP\nSELECT 3 * 4 * 5"
    )


def test_in_the_place_of_a_key_stands_what_is_typed() -> None:
    point = "- One kills\n  {key:kill mysqld db1|with the key\n  @|by\n  typing `@`}.\n\n```\n{key:mend}\n```"
    assert format_markdown(point) == "- One kills by typing kill mysqld db1.\n\n{key:mend}"
    assert format_text("a\n{key:mend|the key @|Type @}.") == "a\nType fix."
