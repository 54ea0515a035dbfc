"""Keys that a lesson speaks of, as what is typed where there are none."""

from __future__ import annotations

import re
from collections.abc import Callable

KEYS = {
    "k": "kill mysqld NODE",
    "K": "kill keepalived NODE",
    "t": "stop keepalived NODE",
    "i": "freeze mysqld NODE",
    "o": "power off NODE",
    "c": "cut NETWORK",
    "l": "link down NETWORK NODE",
    "u": "mend",
    "U": "mend all",
    "y": "mend",
    "R": "reset",
    "a": "help actions",
    "e": "conf NODE",
    "s": "addresses NODE",
    "w": "why",
    "2": "packets",
    "3": "log",
    "h": "hint",
    "n": "next",
    "r": "retry",
    "S": "skip",
    "q": "quit",
    "?": "help",
}
"""A key, and what does the same as a typed line; NODE and NETWORK stand for a name."""

_EDIT = "conf {0} FILE, edit {0} FILE"
_VERBS = (
    "begins|brings|cuts|ends|freezes|gives|kills|mends|opens|pulls|shows|skips|starts|stops|switches|takes"
)
_KEY = "".join(map(re.escape, KEYS))
_QUOTED = f"`?([{_KEY}])`?(?![\\w`'’])"

Put = str | Callable[[re.Match[str]], str]


def _typed(key: str, node: str | None = None) -> str:
    line = KEYS[key]
    return line.replace("NODE", node) if node else line


def _here(found: re.Match[str]) -> str:
    return f"(type {_typed(found[1], found[2] if found.re.groups > 1 else None)})"


_RULES: tuple[tuple[str, Put], ...] = (
    # what stands on a screen
    (
        r"On the screen: a box for each server, and a line for the client\. What happened over time stands "
        r"beneath them, on a small screen behind the key 1; `4` comes back here\.",
        "What happens is told here, line by line, and status tells of each server and of the client.",
    ),
    (r"The line at the bottom of the screen has a key for it\.", "help actions lists what can be typed."),
    (
        r"with a key, in the menu \(`a`\), or as a typed line \(`:`\)",
        "with a typed line (help actions lists them)",
    ),
    (r"; `4` comes back here", ""),
    (r" In the editor F2 [^.]*\.", ""),
    (r" \(F2\)", ""),
    (
        r"Select one with the arrow keys and press enter to see every field",
        "packets NODE shows every field of the last one that a node sent",
    ),
    (r"Select an advert of (\w+), press enter and", r"Type packets \1 and"),
    (r"\(key 2; space follows the newest, the arrow keys go back\)", "(type packets)"),
    (
        r"open a shell on (\w+) \(key s, with ▸ at \w+\) and type: ip a",
        r"type addresses \1 (or ip a in a shell: hatlab shell \1, in a second terminal)",
    ),
    # which server a key acts on
    (r"The keys act on the server that ▸ marks; the key m moves it", "Each line names the server it acts on"),
    (r"▸ marks the server that keys act on, and m moves it; ", ""),
    (r"; m moves ▸ to the other", ""),
    (r"Choose \w+ \(key m\); ", ""),
    (r" \(m\)", ""),
    (
        rf"Stopping is the key {_QUOTED}, with ▸ at (\w+); killing is K",
        r"Stopping is stop keepalived \2; killing is kill keepalived \2",
    ),
    (rf"with ▸ at (\w+), {_QUOTED}(?: \(capital\))?", lambda m: f"typing {_typed(m[2], m[1])}"),
    (rf"\((?:the )?key {_QUOTED}(?:, with ▸ at| on) (\w+)\)", _here),
    (rf", the key {_QUOTED}, with ▸ at (\w+)", lambda m: f": type {_typed(m[1], m[2])}"),
    (rf"the key {_QUOTED}, with ▸ at (\w+)", lambda m: f"type {_typed(m[1], m[2])}"),
    (
        rf"the key {_QUOTED} (\w+) (.*?)on the server that ▸ marks, here (\w+)",
        lambda m: f"typing {_typed(m[1], m[4])} {m[2]} {m[3]}there",
    ),
    (r"the server that ▸ marks", "the server that you name"),
    # the menu, the line
    (r"in the menu \((?:key )?`?a`?\) type (\w+)", r"help actions lists what can be typed; look for \1"),
    (r"the menu \((?:key )?`?a`?\) has it; type there to find it", "help actions lists it"),
    (r"the menu \((?:key )?`?a`?\) has", "help actions has"),
    (r"the menu \((?:key )?`?a`?\)", "a typed line (help actions lists them)"),
    (r"There is no key for it\. ", ""),
    (r"The key `:` takes a typed line, quotes and all:", "Type this line, quotes and all:"),
    (r"First the key `:`, then the line\. ", "Type the line as it stands. "),
    (r"typed after the key `?:`? as", "typed as"),
    (r"typed after the key `?:`?", "typed:"),
    (r"after the key `?:`?,? (?:type )?(?:as in )?", "type "),
    # files
    (r"key `?e`? on (each server|both)", "conf NODE FILE and edit NODE FILE on \\1"),
    (r"key `?e`? on (\w+):", lambda m: f"In {m[1]}'s file ({_EDIT.format(m[1])}):"),
    (r"are under the key `?e`?", "are printed by conf NODE"),
    (r"\(key `?e`?, then reload\)", "(edit NODE FILE, then reload NODE)"),
    (r"\(key `?e`?\)", f"({_EDIT.format('NODE')})"),
    (
        r"; hatlab marks the line that it finds suspicious",
        ", and names the line that hatlab finds suspicious",
    ),
    (r"; ctrl\+r applies it", "; reload NODE applies it"),
    (r"\(ctrl\+r\)", "(edit NODE FILE, then reload NODE)"),
    (r"with ctrl\+r", "with edit NODE FILE and reload NODE"),
    # any key
    (r"the key c cuts the (heartbeat)", r"typing cut \1 cuts the \1"),
    (rf"\(the key {_QUOTED} (?=\w)", lambda m: f"(typing {_typed(m[1])} "),
    (rf"\((?:the )?key {_QUOTED}\)", _here),
    (rf"by the key {_QUOTED}|with the key {_QUOTED}", lambda m: f"by typing {_typed(m[1] or m[2])}"),
    (rf"('s power)?, (?:the )?key {_QUOTED}(?=\.)", lambda m: f"{m[1] or ''}: type {_typed(m[2])}"),
    (rf", key {_QUOTED},", lambda m: f" (type {_typed(m[1])})"),
    (rf"press {_QUOTED}", lambda m: f"type {_typed(m[1])}"),
    (rf"the key {_QUOTED}", lambda m: f"typing {_typed(m[1])}"),
    (rf"\bkey {_QUOTED}", lambda m: f"typing {_typed(m[1])}"),
    (rf"(?<![\w'’`-]){_QUOTED} \(capital\)", lambda m: f"typing {_typed(m[1])}"),
    (rf"(?<![\w'’`-]){_QUOTED} (?={_VERBS}\b)", lambda m: f"typing {_typed(m[1])} "),
    (rf"at `{_QUOTED[2:]}", _here),
)
"""What stands in a lesson (a first small letter stands for a capital, too) and what is said instead."""


def _pattern(said: str) -> re.Pattern[str]:
    if said[0].isalpha() and said[0].islower():
        said = f"(?:\\b{said[0]}|\\b{said[0].upper()}){said[1:]}"
    return re.compile(said)


_PATTERNS = [(_pattern(said), put) for said, put in _RULES]
_BEGINS = re.compile(r"(^|[.!?] |^[-*] |\d\. )(typing|typed|type|a typed)\b")


def keyless(text: str) -> str:
    """A paragraph of a lesson with what is typed in the place of keys; any other text as it is."""
    told = text
    for pattern, put in _PATTERNS:
        told = pattern.sub(put, told)
    return told if told == text else _BEGINS.sub(lambda m: f"{m[1]}{m[2].capitalize()}", told)
