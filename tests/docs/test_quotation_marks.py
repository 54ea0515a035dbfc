"""One rule for quotation marks, in every text that hatlab and its lessons say (docs/style-of-messages.md)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "lab" / "hatlab"
PROGRAMS = PACKAGE / "engine" / "simulator"
"""It has other programs' words, as they print them."""
SAID = re.compile(r"\b(?:says?|said|logs|logged|reads|prints|called|means|lesson)[:,]? \"|\(\"\w")
"""Straight quotation marks around what somebody or something says."""
ENGLISH_SINGLE = re.compile("[‘’]")
FROM_MYSQL = re.compile(r"MySQL says: \(")
"""A pair of a number and a text, as MySQL's client prints it."""
LESSONS = sorted((ROOT / "lessons").glob("*.md"))


def literals(source: str) -> Iterator[tuple[int, str]]:
    """Yield each string of a program but docstrings, with its line; `{…}` for what is filled in."""
    tree = ast.parse(source)
    parts: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            parts.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts.update(node.values)
    for node in ast.walk(tree):
        if node in parts:
            continue
        if isinstance(node, ast.JoinedStr):
            texts = (str(v.value) if isinstance(v, ast.Constant) else "{…}" for v in node.values)
            yield node.lineno, "".join(texts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)


def test_what_is_said_stands_in_curly_double_quotes_in_every_message() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {text[:80]}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if PROGRAMS not in path.parents
        for line, text in literals(path.read_text())
        if (SAID.search(without_code(text)) and not FROM_MYSQL.search(text))
        or (ENGLISH_SINGLE.search(text) and path.name != "glyphs.py")
    ]
    assert not wrong


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name)
def test_lessons_quote_in_curly_double_quotes(path: Path) -> None:
    """Straight ones are those of YAML, around a whole value, and of code: SQL, and keepalived.conf."""
    _, _, text = path.read_text().rpartition("\n---\n") if path.name == "glossary.md" else ("", "", "")
    prose = text or re.sub(r"```yaml.*?```", "", path.read_text(), flags=re.DOTALL)
    prose = re.sub(r"\A---\n.*?\n---\n", "", prose, flags=re.DOTALL)
    assert not re.findall(r'"[^"]+"', without_code(prose))
    assert not re.findall(r'(?:(?<=\w )|(?<=\())"[A-Z][a-z\' ]+"', without_code(path.read_text()))


def test_the_rule_is_written_down() -> None:
    assert "## Quotation marks" in (ROOT / "docs" / "style-of-messages.md").read_text()
