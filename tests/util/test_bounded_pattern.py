"""Regular expressions of strangers: they match as Python's do, and always end soon."""

from __future__ import annotations

import random
import re
import time

import pytest

from hatlab.util import bounded_pattern
from hatlab.util.bounded_pattern import BoundedPattern, Match

EXPLOSIVE = [
    ("(a+)+$", "a" * 60 + "!", False),
    ("(a|a)*$", "a" * 2000 + "!", True),
    ("(a*)*b", "a" * 300, False),
    ("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 2000, False),
    (r"(\w+\s?)*$", "aaaa " * 500 + "!", True),
    (".*a.*a.*a.*b", "a" * 3_000, False),
    ("(x+x+)+y", "x" * 2000, False),
    ("(.*)(.*)(.*)x", "a" * 5_000, False),
    ("((a{0,50}){0,50}){0,50}$", "a" * 500 + "!", False),  # too large: it does not match
    (r"(a+)+\1", "a" * 60 + "!", False),  # and what nobody matches in linear time does not, either
]
"""(expression, text, whether it is found), of which some take `re` longer than a life."""


def _part(rng: random.Random, depth: int = 0) -> str:
    match rng.randrange(8):
        case 0 | 1 if depth < 3:
            return f"({'|'.join(_sequence(rng, depth + 1) for _ in range(rng.randint(1, 2)))})"
        case 2:
            return rng.choice([".", "[ab]", "[^a]", r"\w"])
        case 3:
            return rng.choice(["^", "$", r"\b"])
    return rng.choice("abc")


def _sequence(rng: random.Random, depth: int = 0) -> str:
    parts = [_part(rng, depth) for _ in range(rng.randint(1, 3))]
    ends = ["", "", "*", "+", "?", "{1,2}", "*?", "{2}"]
    return "".join(part + ("" if part in {"^", "$", r"\b"} else rng.choice(ends)) for part in parts)


def _span(match: Match | None) -> tuple[int, int] | None:
    return (match.start(), match.end()) if match else None


@pytest.mark.parametrize("groups", [True, False])
def test_a_program_finds_what_python_finds(groups: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only how far a group that may be empty is repeated differs: Python stops at the first empty one."""
    monkeypatch.setattr(bounded_pattern, "CHEAP", -1)
    rng = random.Random(3)
    for _ in range(400):
        pattern = _sequence(rng, 0 if groups else 3)
        text = "".join(rng.choice("abc a") for _ in range(rng.randint(0, 9)))
        theirs, ours = re.compile(pattern), BoundedPattern(pattern)
        for name in ("search", "match", "fullmatch"):
            mine, other = getattr(ours, name)(text), getattr(theirs, name)(text)
            assert (mine and mine.start()) == (other and other.start()), (pattern, text)
            assert groups or _span(mine) == _span(other), (pattern, text)


def test_a_program_replaces_and_splits_as_python_does(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [
        ("(b+)(c*)", r"<\2\1\g<0>>\\\n", "abbcab"),
        ("b*", "x", "abbca"),
        ("[,;] *", "-", "a, b;c"),
        ("^|$", "|", "ab"),
    ]
    expected = [(re.subn(p, n, t), re.subn(p, n, t, count=1), re.split(p, t)) for p, n, t in cases]
    monkeypatch.setattr(bounded_pattern, "CHEAP", -1)
    for (pattern, new, text), (all_of_them, first, parts) in zip(cases, expected, strict=True):
        ours = BoundedPattern(pattern)
        assert (ours.subn(new, text), ours.subn(new, text, count=1)) == (all_of_them, first)
        if "(" not in pattern:
            assert ours.split(text) == parts
    assert BoundedPattern("(b+)(c*)").subn(lambda m: str(m.groups()), "abbc")[0] == "a('bb', 'c')"
    assert [m.group() for m in BoundedPattern("a|b*").finditer("abba")] == re.findall("a|b*", "abba")


@pytest.mark.parametrize(("pattern", "text", "is_found"), EXPLOSIVE, ids=range(len(EXPLOSIVE)))
def test_what_would_explode_ends_soon(pattern: str, text: str, is_found: bool) -> None:
    compiled, began = BoundedPattern(pattern), time.process_time()
    assert (compiled.search(text) is not None) == is_found
    compiled.fullmatch(text), compiled.match(text), compiled.split(text), compiled.subn("x", text)
    assert time.process_time() - began < 20  # of processor time; two seconds when nothing else runs


@pytest.mark.parametrize("pattern", ["(", "a{2,1}", "[z-a]", "*"])
def test_what_is_no_expression_is_refused(pattern: str) -> None:
    with pytest.raises(re.error):
        BoundedPattern(pattern)
