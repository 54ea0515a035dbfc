"""What a keyword's value may be, and what keepalived takes in place of a wrong one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

_WHOLE = re.compile(r"[+-]?[0-9]{1,10}")
_DECIMAL = re.compile(r"\+?(?=\.?[0-9])[0-9]{0,10}(\.[0-9]*)?")
_MOST_SHOWN = 100_000
SWITCHED = ("true", "on", "yes", "false", "off", "no")
"""The words of a switch (check_true_false in lib/parser.c)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The first word behind a keyword."""

    optional: bool = False
    """The keyword may stand alone."""
    instead: str = ""
    """What keepalived takes in place of a wrong value; empty: it ignores the line."""
    also: tuple[str, ...] = ()
    """Words that may stand there, too."""
    then: Value | None = None
    """What the next word may be, where there is one."""

    def allows(self, word: str) -> bool:
        """True if the word is such a value."""
        return word in self.also or self._is_valid(word)

    def _is_valid(self, _word: str) -> bool:
        return True

    def __str__(self) -> str:
        """Whatever is right, to stand behind `must be`."""
        return "a word"


@dataclass(frozen=True, slots=True)
class Range(Value):
    """A number."""

    least: float
    most: float
    whole: bool = True
    places: int = 6
    """Digits behind the point at most."""

    def _is_valid(self, word: str) -> bool:
        number = _WHOLE if self.whole else _DECIMAL
        fits = bool(number.fullmatch(word)) and self.least <= float(word) <= self.most
        return fits and len(word.partition(".")[2]) <= self.places

    def __str__(self) -> str:
        """`a whole number from 1 to 255`."""
        kind = "a whole number" if self.whole else "a number"
        digits = f" with at most {self.places} decimal places" if not self.whole and self.places < 6 else ""
        if self.most < _MOST_SHOWN:
            return f"{kind} from {_plain(self.least)} to {_plain(self.most)}{digits}"
        return f"{kind} of at least {_plain(self.least)}{digits}"


@dataclass(frozen=True, slots=True)
class Words(Value):
    """One of some words."""

    choices: tuple[str, ...]

    def _is_valid(self, word: str) -> bool:
        return word in self.choices

    def __str__(self) -> str:
        *most, last = (f"`{word}`" for word in self.choices)
        return f"{', '.join(most)} or {last}" if most else last


@dataclass(frozen=True, slots=True)
class Address(Value):
    """An IP address; what follows a `/` or `-` is not looked at (inet_stosockaddr in lib/utils.c)."""

    family: int = 0
    """4 or 6; 0 for either."""
    multicast: bool = False
    link_local: bool = False
    bare: bool = False
    """Nothing may follow it."""

    def _is_valid(self, word: str) -> bool:
        try:
            address = ip_address(word if self.bare else re.split("[/-]", word, maxsplit=1)[0])
        except ValueError:
            return False
        fits = self.family in {0, address.version} and (address.is_multicast or not self.multicast)
        return fits and (word.lower().startswith("ff02:") or not self.link_local)

    def __str__(self) -> str:
        family = f"IPv{self.family} " if self.family else "IP "
        reach = "link-local " if self.link_local else ""
        return f"an {family}address{f' of a {reach}multicast group' if self.multicast else ''}"


@dataclass(frozen=True, slots=True)
class Name(Value):
    """A name of bounded length."""

    longest: int = 255

    def _is_valid(self, word: str) -> bool:
        return 0 < len(word) <= self.longest

    def __str__(self) -> str:
        return f"a name of at most {self.longest} characters" if self.longest < 255 else "a name"


def _plain(number: float) -> str:
    """A number without an exponent: `0.000001`."""
    return f"{number:f}".rstrip("0").rstrip(".") if number % 1 else f"{number:.0f}"


@dataclass(frozen=True, slots=True)
class VmacName(Name):
    """The name of a virtual MAC's interface, or its MAC."""

    def _is_valid(self, word: str) -> bool:
        return ":" in word or 0 < len(word) <= self.longest


def switch(instead: str = "") -> Words:
    """On or off; alone it is on."""
    return Words(SWITCHED, optional=True, instead=instead)


def first_wrong(value: Value, words: Sequence[str]) -> tuple[int, Value] | None:
    """Where the first value of a statement is wrong or missing, and what it may be; None if all are right.

    Args:
        value: what the first may be.
        words: the statement's, with its keyword.
    """
    if len(words) < 2:
        return None if value.optional else (1, value)
    if not value.allows(words[1]):
        return 1, value
    if value.then and len(words) > 2 and not value.then.allows(words[2]):
        return 2, value.then
    return None
