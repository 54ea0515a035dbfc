"""hatlab's own regular expressions on hostile texts: none tries more ways than the square of a text's length.

The texts are made from the expressions (`hostile_texts`), so one that is written tomorrow is attacked, too.
"""

from __future__ import annotations

import ast
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import hatlab
from tests.util.hostile_texts import hostile_texts

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="this system has no timer of CPU time"
)
ROOT = Path(hatlab.__file__).parent
LENGTH = 400
"""Letters. The square of it is some milliseconds, the cube seconds, and two to its power is for ever."""
SECONDS = 0.5
"""Of CPU time that a text may take."""
METHODS = {"compile", "match", "search", "sub", "subn", "finditer", "split", "fullmatch", "findall"}


def literals() -> Iterator[tuple[str, str, int, str]]:
    """Yield place, pattern, flags and method of each expression that is written as one text."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr in METHODS
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str)
            ):
                words = " ".join(
                    ast.unparse(each) for each in [*node.args[1:], *(k.value for k in node.keywords)]
                )
                names = re.findall(r"\bre\.([A-Z]+)\b", words)
                flags = sum({getattr(re, name).value for name in names})
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.args[0].value, flags, node.func.attr


def is_quick(pattern: re.Pattern[str], method: str, text: str) -> bool:
    """True if matching ends in time; what is compiled is matched, as its use is not known here."""

    def give_up(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        if method in ("compile", "match", "fullmatch"):
            getattr(pattern, "match" if method == "compile" else method)(text)
        else:
            pattern.search(text)
    except TimeoutError:
        return False
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return True


def test_none_of_them_matches_for_ever() -> None:
    found = list(literals())
    assert len(found) > 200
    slow = []
    for place, written, flags, method in found:
        pattern = re.compile(written, flags)
        if not all(is_quick(pattern, method, text) for text in hostile_texts(written, flags, LENGTH)):
            slow.append(f"{place} {written!r}")
    assert slow == []


@pytest.mark.parametrize("pattern", [r"(-\d{4,}[\w-]*)+$", r"(a+)+$"])
def test_the_texts_find_what_matches_for_ever(pattern: str) -> None:
    texts = hostile_texts(pattern, 0, LENGTH)
    assert not all(is_quick(re.compile(pattern), "match", text) for text in texts)
