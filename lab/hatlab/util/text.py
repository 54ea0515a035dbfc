"""Lists of names, and lines that fit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from textwrap import wrap

from hatlab.util.wide_text import has_wide, wrap_wide

GLUE = "\xa0"
"""A blank at which textwrap breaks no line."""
_IN_TERM = re.compile(
    r"(?<=\d) (?=(?:m?s|min|[kM]B)\b|%)| (?=×)|(?<=×) "
    r"|(?<=\d) (?=[−+] [\d.]+\))|(?<=[−+]) (?=[\d.]+\))"  # a difference in parentheses
)


def join_names(names: Iterable[str]) -> str:
    """`db1, db2 and db3`; empty for none."""
    *most, last = [*names] or [""]
    return " and ".join(filter(None, [", ".join(most), last]))


def plural(count: float, one: str, many: str, **values: object) -> str:
    """Fill in the sentence for one or for many; `{count}` is the count, the other placeholders are `values`.

    Both are whole sentences, as gettext's ngettext takes them.
    """
    written = str(count) if isinstance(count, int) else f"{count:g}"
    return (one if count == 1 else many).format(count=written, **values)


def wrap_hanging(text: str, width: int, indent: int) -> list[str]:
    """Wrap a text to `width` columns, with all lines but the first indented; no word is broken."""
    lead = " " * indent
    if has_wide(text):
        return [line.replace(GLUE, " ") for line in wrap_wide(glue_terms(text), width, lead)]
    lines = wrap(
        glue_terms(text), width, subsequent_indent=lead, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(GLUE, " ") for line in lines] or [""]


def glue_terms(text: str) -> str:
    """Put `GLUE` between a number and its unit, around × and in `(256 − 100)`: a term is never broken."""
    return _IN_TERM.sub(GLUE, text)


def cut_at_word(text: str, width: int) -> str:
    """Shorten a text to `width` columns behind a whole word, with `…`; only a first word is cut itself."""
    if len(text) <= width:
        return text
    words = text[: max(0, width)].rpartition(" ")[0].rstrip(" ,;:·—(")
    return f"{words} …" if words and len(words) + 2 <= width else text[: max(0, width - 1)] + "…"


def fill_paragraphs(text: str, width: int) -> str:
    """Fill paragraphs (between empty lines) anew, with lines of at most `width` columns."""
    parts = (" ".join(part.split()) for part in text.strip().split("\n\n"))
    return "\n\n".join("\n".join(wrap_hanging(part, width, 0)) for part in parts)


def two_columns(line: str, width: int) -> str:
    """Put the remark of `command    remark` beneath the command where both do not fit on a line."""
    command, gap, remark = line.rpartition("  ")
    if len(line) <= width or not gap:
        return line
    lines = wrap_hanging(remark.strip(), width - 4, 0)
    return "\n".join([command.rstrip(), *(f"    {part}" for part in lines)])


def one_line(text: str) -> str:
    """Return a text with a space for each run of spaces and line breaks: a title stands in lists."""
    return " ".join(text.split())
