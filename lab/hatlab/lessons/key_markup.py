"""Keys in a lesson's text. A lesson is taken with keys on a screen, or as text by typing lines (`--plain`).

`{key:fix}` reads `u` on the screen, and `fix` as text: the key, and the line that does the same. Where the
words around them differ, both halves are written, with `@` for the key or the line. So
`{key:fix|the key @|typing @} fixes it` reads "the key u fixes it", and "typing fix fixes it". Without a
line, as in `{key:|on the screen|as text}`, the halves name no key.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from hatlab.diagnostics.finding import did_you_mean

KEYS = {
    "kill mysqld NODE": "k",
    "kill keepalived NODE": "K",
    "stop keepalived NODE": "t",
    "freeze mysqld NODE": "i",
    "power off NODE": "o",
    "cut NETWORK": "c",
    "link down NETWORK NODE": "l",
    "fix": "u",
    "fix all": "U",
    "reset": "R",
    "help actions": "a",
    "addresses NODE": "s",
    "conf NODE": "e",
    "conf NODE FILE": "e",
    "edit NODE FILE": "e",
    "reload NODE": "Ctrl+R",
    "why": "w",
    "glossary": "g",
    "packets": "2",
    "packets NODE": "2",
    "log": "3",
    "log NODE": "3",
    "hint": "h",
    "next": "n",
    "restart": "r",
    "skip": "S",
    "help": "?",
    "quit": "q",
}
"""A line that can be typed in a lesson as text → the key that does the same on the screen.

`NODE`, `NETWORK` and `FILE` stand for a name, or for themselves.
"""
FORMER_LINES = {"mend": "fix", "mend all": "fix all", "retry": "restart"}
"""A line as lessons of before wrote it → as it is written now; both can be typed."""
SCREEN_KEYS = {
    "type": ":",
    "node": "m",
    "insert": "F2",
    "pause": "p",
    "step": ".",
    "timeline": "1",
    "tutor": "4",
    "back": "b",
    "lessons": "L",
}
"""A name → a key that does what no typed line does."""
_bound: dict[str, str] = {}
"""hatlab's key → the one to which a person has bound what it does, as a screen shows them."""
_KEY_IN_BACKTICKS = re.compile(r"`([^\s`])`")
_PARAMETERS = ("NODE", "NETWORK", "FILE")
_OPENING = "{key:"
_MARKUP = re.compile(
    r"^ *(?P<fence>`{3,}|~{3,}).*?(?:^ *(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?<!\{)\{key:(?=\S)(?P<body>(?:[^{}]|\{[^{}]*\})*)(?P<end>\})?",
    re.MULTILINE | re.DOTALL,
)
"""A fenced block, which is shown as it is written, or a key."""


class KeyMarkup(NamedTuple):
    """A key as it stands in a text."""

    start: int
    """Where its brace opens."""
    end: int
    """Behind its closing brace."""
    line: str
    """What to type, or a name of `SCREEN_KEYS`; "" for neither."""
    on_screen: str
    as_text: str
    problem: str
    """What is wrong with it, "" if nothing is; it is shown as it is written then."""


def use_keys(keys: Mapping[str, str]) -> None:
    """Name other keys than hatlab's own from now on: hatlab's → a person's, as a screen shows them."""
    _bound.clear()
    _bound.update(keys)


def find_keys(text: str) -> Iterator[KeyMarkup]:
    """Yield each key of a text in order; those in fenced blocks are none."""
    if _OPENING in text:
        yield from (_parse(match) for match in _MARKUP.finditer(text) if not match["fence"])


def keys_named(*texts: str) -> frozenset[str]:
    """Return the keys that texts speak of, as a screen shows them: in key markup, or a key in backticks."""
    found = {key for text in texts for markup in find_keys(text) if (key := _key_of(markup.line))}
    return frozenset(found | {match[1] for text in texts for match in _KEY_IN_BACKTICKS.finditer(text)})


def key_lines(*texts: str) -> list[str]:
    """Return the lines of all keys in some texts, sorted: two languages may name them in another order."""
    return sorted(key.line for text in texts for key in find_keys(text) if key.line)


def render_for_screen(text: str) -> str:
    """Return a text as it reads where there are keys."""
    return _render(text, screen=True)


def render_as_typed(text: str) -> str:
    """Return a text as it reads where lines are typed."""
    return _render(text, screen=False)


def unknown_names(line: str, nodes: Container[str], networks: Container[str]) -> Iterator[str]:
    """Yield each name in a line that the lab does not have."""
    known = {"NODE": nodes, "NETWORK": networks}
    for parameter, name in zip((_form_of(line) or line).split(), line.split(), strict=True):
        if parameter in known and name != parameter and name not in known[parameter]:
            yield name


def _render(text: str, *, screen: bool) -> str:
    if _OPENING not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        key = None if match["fence"] else _parse(match)
        if key is None or key.problem:
            return match[0]
        return key.on_screen if screen else key.as_text

    return _MARKUP.sub(replace, text)


def _parse(match: re.Match[str]) -> KeyMarkup:
    first, *halves = match["body"].split("|")
    line = " ".join(first.split())
    line = FORMER_LINES.get(line, line)
    key = _key_of(line)
    on_screen, as_text = halves if len(halves) == 2 else ("@", "@")
    return KeyMarkup(
        match.start(),
        match.end(),
        line,
        on_screen.replace("@", key) if line else on_screen,
        as_text.replace("@", line) if line else as_text,
        _problem(match, line, key, halves),
    )


def _problem(match: re.Match[str], line: str, key: str, halves: list[str]) -> str:
    if not match["end"]:
        return "this brace is not closed"
    if len(halves) not in {0, 2} or not (line or halves):
        return "a key is written {key:LINE}, or {key:LINE|on the screen|as text}"
    if line and not key:
        return f"no key does `{line[:40]}`{did_you_mean(line, [*KEYS, *SCREEN_KEYS])}"
    if line and halves and "@" not in halves[0]:
        return f"what is said on the screen has no @, which stands for the key {key}"
    if line in SCREEN_KEYS and (not halves or "@" in halves[1]):
        return f"no line does what `{line}` does: the half behind the second | is to say it without @"
    return ""


def _key_of(line: str) -> str:
    """Return the key that does what a line does, "" if there is none."""
    form = _form_of(line)
    key = SCREEN_KEYS.get(line, "") if form is None else KEYS[form]
    return _bound.get(key, key)


@cache
def _form_of(line: str) -> str | None:
    """Return the line of `KEYS` that a line is a form of."""
    words = line.split()
    return next((form for form in KEYS if _fits(form.split(), words)), None)


def _fits(form: list[str], words: list[str]) -> bool:
    same_length = len(form) == len(words)
    return same_length and all(f in {w, *_PARAMETERS} for f, w in zip(form, words, strict=True))
