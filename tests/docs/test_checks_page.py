"""docs/checks.md describes every code that the code can find, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hatlab.diagnostics.rules import codes_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
GROUPS = {
    "TP0": "Topology files",
    "LS0": "Lesson files",
    "KA0": "keepalived.conf: the text",
    "KA1": "keepalived.conf: scripts",
    "KA2": "keepalived.conf: one vrrp_instance",
    "KA3": "keepalived.conf: members together",
    "KA4": "keepalived.conf: virtual_server and checkers",
}
FINDERS = {
    "TP": ("topology", "diagnostics"),
    "LS": ("lessons", "checks", "diagnostics"),
    "KA": ("keepalived", "commands/support/file_checks.py"),
}
"""The letters of a kind of file → the parts of the package that look for its codes."""


def test_sections_stand_under_the_heading_of_their_group() -> None:
    sections = {
        title: list(dict.fromkeys(re.findall(r"^### (\w{3})", text, re.M)))
        for title, text in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    }
    assert sections == {title: [group] for group, title in GROUPS.items()}


@pytest.mark.parametrize("kind", FINDERS)
def test_every_code_that_is_used_has_a_rule_and_every_rule_is_used(kind: str) -> None:
    """A code stands in the source as `"KA101"`; where kinds share a number, as `"010"` alone."""
    paths = [ROOT / "lab" / "hatlab" / part for part in FINDERS[kind]]
    files = [file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path])]
    source = "\n".join(file.read_text(encoding="utf-8") for file in files)
    whole = set(re.findall(rf'"({kind}\d\d\d)"', source))
    numbers = set() if kind == "KA" else {f"{kind}{n}" for n in re.findall(r'"(0\d\d)"', source)}
    assert whole | numbers == set(codes_of(kind))


def test_the_page_names_no_code_that_it_does_not_describe() -> None:
    known = {code for kind in FINDERS for code in codes_of(kind)}
    assert set(re.findall(r"\b(?:TP|LS|KA)\d\d\d\b", PAGE)) <= known
