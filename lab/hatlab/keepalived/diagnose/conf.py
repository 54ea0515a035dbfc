"""A configuration as every group of rules needs it, parsed once, and the making of findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from hatlab.diagnostics.finding import Finding, Severity
from hatlab.diagnostics.rules import all_rules
from hatlab.keepalived.keywords import block_path, has_block, is_list
from hatlab.keepalived.parser import Document, Statement
from hatlab.keepalived.settings import InstanceSettings, VrrpScript, scripts_of, settings_of
from hatlab.keepalived.tracks import Kind, Track, definitions_before

Member = tuple[Statement, InstanceSettings]
"""A named vrrp_instance: its block and what keepalived takes from it."""


@dataclass(frozen=True, slots=True)
class ScriptFile:
    """A script that a configuration names."""

    text: str
    mode: int | None = None
    """Its permission bits; None if they are not known."""


@dataclass(frozen=True, slots=True)
class StatementAt:
    """A statement and the block that it stands in."""

    statement: Statement
    outer: str
    """The block's path (`hatlab.keepalived.keywords`)."""
    owner: Statement
    """The block itself."""

    @property
    def path(self) -> str:
        """The statement's own path as a block."""
        return block_path(self.outer, self.statement.keyword)


@dataclass(frozen=True)
class Configuration:
    """One node's configuration, and what is known of the node."""

    document: Document
    name: str = "the other file"
    """Its name in messages, where it is the other one of a pair."""
    files: Mapping[str, ScriptFile] = field(default_factory=dict)
    """Path → script, as far as they are known."""
    addresses: frozenset[str] = frozenset()
    """The node's own addresses, as far as they are known."""
    is_paired: bool = False
    """True if the files of other members are there too."""

    @property
    def root(self) -> Statement:
        return self.document.root

    @cached_property
    def settings(self) -> Mapping[str, InstanceSettings]:
        """Each vrrp_instance's settings, by name."""
        return settings_of(self.root)

    @cached_property
    def scripts(self) -> Mapping[str, VrrpScript]:
        """Each vrrp_script by name."""
        return scripts_of(self.root)

    @cached_property
    def tracks(self) -> Mapping[int, Mapping[tuple[Kind, str], Track]]:
        """Identity of an instance's or a sync group's block → what its own lines track."""
        return {id(block): before.read(block) for block, before in definitions_before(self.root)}

    @cached_property
    def statements(self) -> tuple[StatementAt, ...]:
        """Each statement outside list blocks and unknown blocks, in the order of the text."""
        return tuple(_walk(self.root))

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """Each named vrrp_instance."""
        return tuple(
            (block, self.settings[block.value()])
            for block in self.root.all("vrrp_instance")
            if block.value() in self.settings
        )

    @cached_property
    def by_name(self) -> dict[str, Member]:
        """The members by the instance's name."""
        return {member[1].instance: member for member in reversed(self.members)}

    @cached_property
    def by_vrid(self) -> dict[tuple[int, int], Member]:
        """The members by VRID and family."""
        members = reversed(self.members)
        return {(member[1].vrid, member[1].family): member for member in members if member[1].vrid}

    @cached_property
    def _global_defs(self) -> tuple[Statement, ...]:
        return tuple(self.root.all("global_defs"))

    def global_setting(self, keyword: str) -> Statement | None:
        """The last statement with this keyword of the first global_defs that has one."""
        last = (block.last(keyword) for block in self._global_defs)
        return next((statement for statement in last if statement), None)


def finding(
    code: str,
    at: Statement,
    message: str,
    *,
    word: int = 0,
    effect: str = "",
    cure: str = "",
    severity: Severity | None = None,
    reported: bool = False,
) -> Finding:
    """A finding at a statement, or at one of its words; what is not given comes from the rule.

    `reported` is for rules of which `keepalived -t` reports a part only; see `diagnose.reported`.
    """
    column = at.column
    if 0 < word < len(at.words):
        column += max(0, at.words[word].start - at.words[0].start)
    found = all_rules()[code].finding(at.line, column, message, effect=effect, cure=cure, file=at.file)
    return replace(found, severity=severity or found.severity, reported=reported)


def list_entries(block: Statement, keyword: str) -> list[Statement]:
    """The entries of the list blocks of one keyword in a block, such as those of `track_script`."""
    return [entry for inner in block.all(keyword) for entry in inner.body or () if entry.words]


def _walk(root: Statement) -> Iterator[StatementAt]:
    stack = [(root, "", iter(root.body or ()))]
    while stack:
        owner, outer, rest = stack[-1]
        statement = next(rest, None)
        if statement is None:
            stack.pop()
            continue
        at = StatementAt(statement, outer, owner)
        yield at
        if statement.body and has_block(at.path) and not is_list(at.path):
            stack.append((statement, at.path, iter(statement.body)))
