"""docs/extending.md shows the example as it is, and names what `hatlab.extensions` has."""

from __future__ import annotations

import re
from pathlib import Path

from hatlab import extensions
from hatlab.actions.verbs import GROUPS
from hatlab.lessons.conditions.vocabulary import WordKind
from hatlab.registry import Kind
from tests.support.installed_extensions import EXAMPLE

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_has_the_whole_example() -> None:
    for language, name in (("toml", "pyproject.toml"), ("python", "hatlab_example.py")):
        ((_, block),) = re.findall(rf"^(```+){language}\n(.*?)^\1$", TEXT, re.M | re.S)
        assert block == (EXAMPLE / name).read_text(encoding="utf-8"), f"docs/example-extension/{name} differs"


def test_the_example_is_short() -> None:
    assert len((EXAMPLE / "hatlab_example.py").read_text(encoding="utf-8").splitlines()) <= 200


def test_the_page_names_all_that_can_be_used() -> None:
    for word in (*extensions.__all__, *(kind.group for kind in Kind), *GROUPS):
        assert re.search(rf"\b{re.escape(word)}\b", TEXT), word
    for kind in re.findall(r"`([A-Z]{3,})`", TEXT):
        assert kind in WordKind.__members__


def test_each_name_can_be_imported() -> None:
    for name in extensions.__all__:
        assert getattr(extensions, name) is not None
