"""Steps of beginnings and cures, in short: what a lesson's YAML would have."""

from __future__ import annotations

from typing import Any

from hatlab.lessons.model import Edit, Wait


def change(node: str, *changes: tuple[str, str], drop: tuple[str, ...] = ()) -> Edit:
    """An edit of a node's keepalived.conf: statements to take out, and pairs of old and new text."""
    pairs = [{"from": old, "to": new} for old, new in changes]
    return Edit.model_validate({"edit": node, "drop": list(drop), "change": pairs})


def wait(until: Any) -> Wait:
    """A wait for a condition, or for so many seconds."""
    return Wait.model_validate({"wait": until})
