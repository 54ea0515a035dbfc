"""A file as checks see it: its text, and what was read in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hatlab.diagnostics.finding import Finding
from hatlab.diagnostics.location import Loc
from hatlab.diagnostics.rules import Rule, all_rules

if TYPE_CHECKING:
    from hatlab.diagnostics.yaml_source import SourceMap
    from hatlab.keepalived import InstanceSettings, Statement
    from hatlab.lessons.model import Lesson
    from hatlab.topology import Topology

FileKind = Literal["topology", "lesson", "configuration"]


@dataclass(frozen=True)
class SourceFile:
    """A file that is checked."""

    path: Path
    kind: FileKind
    text: str
    topology: Topology | None = None
    """Of a topology without errors."""
    lesson: Lesson | None = None
    """Of a lesson without errors."""
    source_map: SourceMap | None = field(default=None, repr=False)
    """Where the parts of a topology stand; of a lesson, those of its front matter."""
    rules: Mapping[str, Rule] = field(default_factory=all_rules, repr=False)
    """The rules of whoever looks at it, by code."""

    @property
    def configuration(self) -> Statement:
        """The statements of a keepalived.conf."""
        from hatlab.keepalived import parse_config

        return parse_config(self.text)

    @property
    def instances(self) -> Mapping[str, InstanceSettings]:
        """The settings of each vrrp_instance of a keepalived.conf."""
        from hatlab.keepalived import read_settings

        return read_settings(self.text)

    def place(self, *loc: str | int) -> tuple[int, int]:
        """Return line and column of a part of a topology, or of a lesson's front matter, by its keys."""
        path: Loc = loc
        return self.source_map.position(path) if self.source_map is not None else (1, 1)

    def finding(self, code: str, message: str, line: int = 1, column: int = 1) -> Finding:
        """Return a finding here, with the words of its rule.

        Raises:
            KeyError: there is no rule of this code.
        """
        return self.rules[code].finding(line, column, message)
