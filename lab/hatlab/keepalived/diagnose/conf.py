"""What every group of rules works on: one configuration, read once, and the making of findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from hatlab.diagnostics.finding import Finding
from hatlab.diagnostics.rules import all_rules
from hatlab.keepalived.keywords import has_block, is_list, path
from hatlab.keepalived.parser import Document, Statement
from hatlab.keepalived.settings import InstanceSettings, VrrpScript, scripts_of, settings_of


@dataclass(frozen=True, slots=True)
class ScriptFile:
    """A script that a configuration names: its text, and its permission bits if they are known."""

    text: str
    mode: int | None = None


@dataclass(frozen=True, slots=True)
class StatementAt:
    """A statement with the path of the block it stands in (`hatlab.keepalived.keywords`)."""

    statement: Statement
    outer: str
    owner: Statement

    @property
    def path(self) -> str:
        return path(self.outer, self.statement.keyword)


@dataclass(frozen=True)
class Configuration:
    """One configuration.

    Attributes:
        name: how messages call it when it is the other one of a pair.
        files: path → script, as far as they are known.
        addresses: the node's own addresses, as far as they are known.
    """

    document: Document
    name: str = "the other file"
    files: Mapping[str, ScriptFile] = field(default_factory=dict)
    addresses: frozenset[str] = frozenset()
    settings: Mapping[str, InstanceSettings] = field(init=False)
    scripts: Mapping[str, VrrpScript] = field(init=False)
    places: tuple[StatementAt, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", settings_of(self.root))
        object.__setattr__(self, "scripts", scripts_of(self.root))
        object.__setattr__(self, "places", tuple(_walk(self.root)))

    @property
    def root(self) -> Statement:
        return self.document.root

    @cached_property
    def members(self) -> tuple[tuple[Statement, InstanceSettings], ...]:
        """Each named vrrp_instance: its block and what keepalived takes from it."""
        return tuple(
            (block, self.settings[block.value()])
            for block in self.root.all("vrrp_instance")
            if block.value() in self.settings
        )

    @cached_property
    def by_name(self) -> dict[str, tuple[Statement, InstanceSettings]]:
        return {own.instance: (block, own) for block, own in reversed(self.members)}

    @cached_property
    def by_vrid(self) -> dict[int, tuple[Statement, InstanceSettings]]:
        return {own.vrid: (block, own) for block, own in reversed(self.members) if own.vrid}

    def globally(self, keyword: str) -> Statement | None:
        """The last statement of global_defs with this keyword."""
        found = (block.last(keyword) for block in self.root.all("global_defs"))
        return next((statement for statement in found if statement), None)


def finding(
    code: str, at: Statement, message: str, *, word: int = 0, effect: str = "", cure: str = ""
) -> Finding:
    """A finding at a statement, or at one of its words; effect and cure are the rule's unless given."""
    column = at.column
    if 0 < word < len(at.words):
        column += max(0, at.words[word].start - at.words[0].start)
    return all_rules()[code].finding(at.line, column, message, effect=effect, cure=cure, file=at.file)


def list_entries(block: Statement, keyword: str) -> list[Statement]:
    """The entries of the list blocks of one keyword in a block, such as those of `track_script`."""
    return [entry for inner in block.all(keyword) for entry in inner.body or () if entry.words]


def _walk(root: Statement) -> Iterator[StatementAt]:
    """Each statement outside list blocks and unknown blocks, in the order of the text."""
    stack = [(root, "", iter(root.body or ()))]
    while stack:
        owner, outer, rest = stack[-1]
        statement = next(rest, None)
        if statement is None:
            stack.pop()
            continue
        place = StatementAt(statement, outer, owner)
        yield place
        if statement.body and has_block(place.path) and not is_list(place.path):
            stack.append((statement, place.path, iter(statement.body)))
