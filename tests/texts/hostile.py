"""Texts that attack whoever shows them, and what must not be in what is shown."""

from __future__ import annotations

import random
from unicodedata import category

from hypothesis import strategies as st

# fmt: off
ATTACKS = (
    "\x1b[2J\x1b[31m", "\x1b]0;owned\x07", "\x1b]52;c;cm0gLXJmIH4=\x07", "\x1bP+q544e\x1b\\", "\x1bc",
    "\x1b", "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\", "\x9b31m", "\x9d52;c;eA==\x9c",
    "\x90q\x9c", "\x85", "\x00", "\x07", "\x08\x08\x08", "\x0b\x0c", "\x0e\x0f", "\x7f", "\r", "a\r\nb",
    "\n", "\t", "\x1f", "\u202etxt.exe", "\u2066a\u2069", "\u200e\u200f\u061c", "\u2028", "\u2029",
    "\u200b\u2060\ufeff\xad", "\ud800", "\udfff", "\udc9b", "\U000e0041\U000e007f", "\ue000",
    "\U0010ffff", "\u0378", "\u3164", "\u115f", "e" + "\u0301" * 40, "\u0301",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "⚠️", "你好" * 20, "\u0645\u200c\u06cc", "ﷺ",
    "[red]x[/red]", "[/]", "[@click=app.quit]y[/]", "[link=http://evil.example]z[/link]", "[bold",
    "\\[x]", "]", "[x](javascript:alert(1))", "![x](http://evil.example/p.png)", "<http://evil.example>",
    "`code", "**b", "# h", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "&#27;[31m",
    "' onload='", "]]>", "<!--", "</title>", "=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(1)", "%s%n{0}{x}",
    "$(id)`id`", "../../etc/passwd", "--help", "x" * 300,
)
# fmt: on
"""Each is one way in; texts are made of several."""


def unsafe_in(text: str, allowed: str = "\n\t") -> list[str]:
    """Return the characters of a shown text that steer a terminal, hide or reorder words."""
    bad = [c for c in set(text) if c not in allowed and _is_unsafe(c)]
    return sorted(bad, key=ord)


def _is_unsafe(char: str) -> bool:
    return category(char) in {"Cc", "Cs", "Zl", "Zp"} or (
        category(char) == "Cf" and char not in "\u200c\u200d"
    )


def hostile_texts() -> st.SearchStrategy[str]:
    """Texts of attacks, and of any characters, lone surrogates too."""
    any_text = st.text(st.characters(codec=None, categories=None), max_size=12)
    return st.lists(st.sampled_from(ATTACKS) | any_text, min_size=1, max_size=4).map("".join)


def random_text(rng: random.Random) -> str:
    """Return such a text for a campaign, which needs many of them quickly."""
    parts = rng.choices(ATTACKS, k=rng.randint(1, 3))
    parts.append("".join(chr(rng.choice((rng.randrange(0x110000), rng.randrange(0x2100)))) for _ in range(3)))
    rng.shuffle(parts)
    return "".join(parts)
