"""What is found wrong with a lesson's text, and where."""

from __future__ import annotations

from hatlab.lessons.format.file import ParseResult, parse_lesson
from hatlab.topology import Topology
from hatlab.topology.library import load_topology

TWO_NODE = load_topology("two-node")


def _two_node(name: str) -> Topology | None:
    return TWO_NODE if name == "two-node" else None


def parse(text: str | bytes, seed: int | None = None) -> ParseResult:
    """The lesson of a text, taken in the two-node lab."""
    return parse_lesson(text.encode() if isinstance(text, str) else text, topology=_two_node, seed=seed)


def locations(text: str | bytes) -> list[tuple[str, int, int]]:
    """(code, line, column) of each finding."""
    return [(finding.code, finding.line, finding.column) for finding in parse(text).findings]


def only_message(text: str) -> str:
    """The message of the one finding."""
    (finding,) = parse(text).findings
    return finding.message


def position(text: str, mark: str, part: str = "") -> tuple[int, int]:
    """Line and column, from 1, of a mark in a text; in a part of it, if that is given."""
    before = text[: text.index(mark, text.index(part))]
    return before.count("\n") + 1, len(before) - before.rfind("\n")
