"""Patterns of a shell: `*`, `?`, `[a-z]`."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

_CLASSES = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "space": r"\s",
    "upper": "A-Z",
    "lower": "a-z",
}


@lru_cache(maxsize=512)
def pattern_regex(pattern: tuple[tuple[str, bool], ...], greedy: bool = True) -> re.Pattern[str]:
    """Return a pattern as a regular expression.

    Args:
        pattern: pieces, each with whether it is quoted: nothing in such a one is special.
        greedy: `*` takes as much as it can.
    """
    regex = ""
    for text, quoted in pattern:
        if quoted:
            regex += re.escape(text)
            continue
        at = 0
        while at < len(text):
            letter = text[at]
            at += 1
            if letter == "*":
                regex += ".*" if greedy else ".*?"
            elif letter == "?":
                regex += "."
            elif letter == "[" and (
                match := re.compile(r"([!^]?)(\]?(?:\[:\w+:\]|[^\]])*)\]").match(text, at)
            ):
                inner = re.sub(r"\[:(\w+):\]", lambda m: _CLASSES.get(m[1], ""), match[2]).replace(
                    "\\", "\\\\"
                )
                regex += f"[{'^' if match[1] else ''}{inner.replace('[', chr(92) + '[')}]"
                at = match.end()
            else:
                regex += re.escape(letter)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(regex, re.DOTALL)
    except re.error:
        return re.compile(re.escape("".join(text for text, _ in pattern)))


def matches(pattern: tuple[tuple[str, bool], ...], text: str) -> bool:
    """True if a pattern matches all of a text."""
    return pattern_regex(pattern).fullmatch(text) is not None
