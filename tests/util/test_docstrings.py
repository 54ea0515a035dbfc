"""Attribute docstrings are read from a class's source."""

from __future__ import annotations

from hatlab.util.docstrings import attribute_docstrings


class Example:
    """Not an attribute's."""

    first: int = 1
    """What the first is,
    over two lines."""
    second: str
    third: str = ""
    """What the third is."""

    def method(self) -> None:
        """Not an attribute's either."""


def test_each_attribute_has_the_text_below_it() -> None:
    assert attribute_docstrings(Example) == {
        "first": "What the first is, over two lines.",
        "third": "What the third is.",
    }
