"""Reads YAML that a person wrote: as data, and where each part stands.

Problems are numbered alike for every kind of file: 001 to 006 the text, 010 to 013 keys and values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from hatlab.diagnostics.finding import Finding
from hatlab.diagnostics.location import KEY, Loc
from hatlab.diagnostics.rules import all_rules

if TYPE_CHECKING:
    from yaml.error import Mark
    from yaml.nodes import Node

_MOST_LEVELS = 40
_LOOKS_MORE = re.compile(r"""\s*(?:- +)*(?:[\w-]+: +)?[{["'*&!%@`]""")
"""A line whose value begins as no plain text may."""
_UNFIT = (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""Errors of PyYAML's for a scalar that its tag does not fit, such as `!!int ''`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake at a line and column, both from 1, before it has the words of its code."""

    number: str
    """The code without the letters of the kind of file."""
    line: int
    column: int
    message: str

    def finding(self, kind: str) -> Finding:
        """It as a finding in a kind of file: `TP` (topologies) or `LS` (lessons). Its message is one line."""
        rule = all_rules()[kind + self.number]
        return rule.finding(self.line, self.column, " ".join(self.message.split()))


def decode_text(raw: bytes, limit: int) -> str | Problem:
    """The text of a file of at most `limit` bytes, or why it has none."""
    if len(raw) > limit:
        return Problem("006", 1, 1, "the file is too large")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        return Problem("005", line, column, f"byte {raw[error.start]:#04x} is not UTF-8")


def compose(text: str, problems: list[Problem], above: int = 0) -> tuple[Node | None, Any]:
    """The text as nodes (with marks) and as data; no node, and problems, if it cannot be read.

    Args:
        text: the YAML, one document.
        problems: those found are added.
        above: lines that stand above it in the file.
    """
    import yaml

    loader = _loader()
    try:
        if unsupported := _unsupported(yaml.parse(text, loader), above):
            problems += unsupported
            return None, None
        root = yaml.compose(text, loader)
        data = yaml.constructor.SafeConstructor().construct_document(root) if root else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1 + above, mark.column + 1) if mark else (1 + above, 1)
        message = f"not valid YAML: {error.problem}{_yaml_hint(text, line - above, str(error.problem))}"
        problems += _tabs(text, above) or [Problem("001", line, column, message)]
        return None, None
    except (yaml.YAMLError, *_UNFIT) as error:
        reason = str(error).partition("\n")[0][:120] or "a value does not match its tag"
        problems.append(Problem("001", 1 + above, 1, f"not valid YAML: {reason}"))
        return None, None
    return root, data


@cache
def _loader() -> Any:
    """PyYAML's loader, but `yes`, `no`, `on` and `off` are the words they are, as in YAML 1.2."""
    import yaml

    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    resolvers = {
        first: [(tag, pattern) for tag, pattern in known if not tag.endswith(":bool") or first in "tTfF"]
        for first, known in base.yaml_implicit_resolvers.items()
    }
    return type("Loader", (base,), {"yaml_implicit_resolvers": resolvers})


def _unsupported(events: Iterator[Any], above: int) -> list[Problem]:
    """Aliases, which can explode, and nesting that no file of ours needs."""
    import yaml

    aliases, level = [], 0
    for event in events:
        line, column = event.start_mark.line + 1 + above, event.start_mark.column + 1
        if isinstance(event, yaml.AliasEvent):
            aliases.append(Problem("004", line, column, "aliases are not supported"))
        level += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if level > _MOST_LEVELS:
            return [Problem("006", line, column, f"there are more than {_MOST_LEVELS} levels")]
    return aliases


def _yaml_hint(text: str, line: int, problem: str) -> str:
    """The likely cure of an error of PyYAML's, as the end of its message; empty if none is known."""
    if "mapping values" in problem:
        return "; either this line is indented too far, or it needs quotes around a text with `: `"
    if "cannot start any token" in problem and "```" in text:
        return "; a block is not closed: there is a ``` inside it"
    source = next(islice(text.split("\n"), line - 1, None), "").rstrip()
    if _LOOKS_MORE.match(source) and not source.endswith(("]", "}", '"', "'")):
        return "; put a text that starts like this in quotes"
    indented = "did not find expected key" in problem
    return "; this line is not indented like the lines it belongs to" if indented else ""


def _tabs(text: str, above: int) -> list[Problem]:
    tabs = []
    for number, line in enumerate(text.splitlines(), 1 + above):
        lead = line[: len(line) - len(line.lstrip())]
        if "\t" in lead and line.strip():
            tabs.append(Problem("002", number, lead.index("\t") + 1, "there is a tab in the indentation"))
    return tabs


def duplicate_keys(root: Node, above: int = 0) -> Iterator[Problem]:
    """The keys that a mapping has twice."""
    import yaml

    todo = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, yaml.SequenceNode):
            todo += node.value
        elif isinstance(node, yaml.MappingNode):
            lines: dict[str, int] = {}
            for key, value in node.value:
                todo.append(value)
                line = key.start_mark.line + 1 + above
                if isinstance(key.value, str) and key.value in lines:
                    message = f"`{key.value[:40]}` is already given in line {lines[key.value]}"
                    yield Problem("003", line, key.start_mark.column + 1, message)
                elif isinstance(key.value, str):
                    lines[key.value] = line


class SourceMap:
    """Finds the line and column of each part of a YAML file.

    Args:
        root: its nodes.
        above: lines that stand above them in the file.
        what: what the file is, for messages.
    """

    def __init__(self, root: Node, above: int = 0, what: str = "the file") -> None:
        self._root = root
        self._above = above
        self.what = what
        self._entries: dict[int, dict[str | int, tuple[Mark, Node]]] = {}

    def problem(self, number: str, loc: Loc, message: str) -> Problem:
        """A problem of the part at `loc`."""
        line, column = self.position(loc)
        return Problem(number, line, column, message)

    def position(self, loc: Loc) -> tuple[int, int]:
        """Line and column of the deepest part of `loc` that is there; of a value unless `loc` ends in KEY."""
        node, mark, key_mark = self._root, self._root.start_mark, self._root.start_mark
        for part in loc:
            if part == KEY:
                mark = key_mark
                continue
            entry = self._entry(node, part)
            if entry is None:
                if isinstance(node.value, list):
                    mark = key_mark
                break
            key_mark, node = entry
            mark = node.start_mark
        return mark.line + 1 + self._above, mark.column + 1

    def mapping_form(self, loc: Loc) -> tuple[int, bool]:
        """The number of keys of the mapping at `loc`, and True if it is written in braces."""
        node = self._root
        for part in loc:
            node = (self._entry(node, part) or (None, node))[1]
        return len(self._entries_of(node)), bool(getattr(node, "flow_style", False))

    def _entry(self, node: Node, part: str | int) -> tuple[Mark, Node] | None:
        """The mark of a key (or item) of a node, and its value."""
        entries = self._entries_of(node)
        return entries.get(part) or entries.get(str(part))

    def _entries_of(self, node: Node) -> dict[str | int, tuple[Mark, Node]]:
        """The entries of a mapping or sequence, by key, index and (for short forms) by word."""
        import yaml

        if id(node) in self._entries:
            return self._entries[id(node)]
        entries: dict[str | int, tuple[Mark, Node]] = {}
        if isinstance(node, yaml.MappingNode):
            entries = {key.value: (key.start_mark, v) for key, v in node.value if isinstance(key.value, str)}
        elif isinstance(node, yaml.SequenceNode):
            for index, inner in enumerate(node.value):
                entries[index] = (inner.start_mark, inner)
                if isinstance(inner.value, str):
                    entries.setdefault(inner.value, entries[index])
        self._entries[id(node)] = entries
        return entries
