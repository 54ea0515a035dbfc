"""What a topology or a lesson of somebody else may do: how large its lab is, and what runs inside it.

Nothing of such a file runs outside its lab's nodes, whatever it says. What does run inside them is root's.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from itertools import groupby
from pathlib import Path
from typing import Any

from hatlab.actions import Action, parse
from hatlab.engine.docker.container_config import NODE_PROCESSORS, host_config
from hatlab.engine.docker.switch import needs_ordinary_bridges
from hatlab.errors import UserError
from hatlab.keepalived.diagnose.conf import Configuration
from hatlab.keepalived.diagnose.scripts.commands import find_commands
from hatlab.keepalived.parser import parse_document
from hatlab.keepalived.preprocessor import Include
from hatlab.lessons.library.loader import read_variants
from hatlab.lessons.model import Lesson, SolutionStep
from hatlab.lessons.solution import EditStep, compile_steps
from hatlab.topology import Layout, Topology
from hatlab.topology.library import load_topology
from hatlab.topology.node_file import NodeFile
from hatlab.util.text import join_names, plural

_CONF_FOLDER = "/etc/keepalived"
_MOST_SHOWN = 6
"""Names in a sentence; the JSON has all."""


@dataclass(frozen=True, slots=True)
class Powers:
    """What a file may do."""

    topology: str
    """The short name of a lesson's topology; "" for a topology itself, and where nothing runs."""
    nodes: int
    clients: int
    memory: int
    """Bytes that all its containers together may take."""
    processors: int
    """Processors that all of them together may keep busy."""
    programs: dict[str, tuple[str, ...]]
    """Node → what its own keepalived.conf has run as root in it."""
    files: dict[str, tuple[str, ...]]
    """Node → paths on its disk that the file fills."""
    statements: int
    """SQL statements of its own."""
    actions: tuple[str, ...]
    """What it does to its lab, as `hatlab do` calls it."""
    edits: tuple[str, ...]
    """Nodes whose keepalived.conf a lesson changes."""
    isolated: bool
    """On Docker its nodes reach nothing but each other."""
    recording: str = ""
    """The recording that a lesson plays; it has no lab, so nothing runs."""

    def to_data(self) -> dict[str, Any]:
        """As in the JSON of `hatlab check --json`."""
        return asdict(self)


_NOTHING = Powers("", 0, 0, 0, 0, {}, {}, 0, (), (), isolated=True)


def topology_powers(topology: Topology) -> Powers:
    """Return what a topology may do."""
    layout = Layout.numbered("lab", topology)
    names = (*layout.node_names, *layout.client_names)
    limits = [host_config(layout, name) for name in names]
    asked = [check for check in topology.checks.values() if check.ask is not None]
    actions = [parse(line, layout) for line in topology.faults]
    return Powers(
        topology="",
        nodes=len(layout.node_names),
        clients=len(layout.client_names),
        memory=sum(limit["Memory"] for limit in limits),
        processors=NODE_PROCESSORS * len(names),
        programs={node: found for node in layout.node_names if (found := _programs(topology, node))},
        files={node: tuple(spec.files) for node, spec in topology.nodes.items() if spec.files},
        statements=sum(map(len, topology.sql.values())) + len(asked) + _count_sql(actions),
        actions=_verbs(actions),
        edits=(),
        isolated=not needs_ordinary_bridges(topology),
    )


def lesson_powers(file: Path, lesson: Lesson) -> Powers | None:
    """Return what a lesson without errors may do, in all its variants; None if its lab is gone meanwhile."""
    if lesson.front.recording:
        return replace(_NOTHING, recording=Path(lesson.front.recording).name)
    try:
        topology = load_topology(lesson.front.topology)
        lessons = read_variants(file) if lesson.front.variants else [lesson]
    except UserError:
        return None
    lab = topology_powers(topology)
    layout = Layout.numbered("lab", topology)
    steps = [step for each in lessons for step in compile_steps(tuple(_steps(each)), layout)]
    actions = [step for step in steps if isinstance(step, Action)]
    return replace(
        lab,
        topology=Path(lesson.front.topology).stem,
        statements=lab.statements + _count_sql(actions),
        actions=tuple(sorted({*lab.actions, *_verbs(actions)})),
        edits=tuple(sorted({step.node for step in steps if isinstance(step, EditStep)})),
    )


def _steps(lesson: Lesson) -> Iterator[SolutionStep]:
    """Yield everything that a lesson does, or has done by whoever is shown the solution."""
    for step in lesson.steps:
        if step.begin is not None:
            yield from step.begin.begin
    for _, task in lesson.tasks():
        yield from task.solution
        for wrong in task.wrong:
            yield from wrong.do
    for _, what_if in lesson.what_ifs():
        yield from (*what_if.change, *what_if.then)


def _verbs(actions: Iterable[Action]) -> tuple[str, ...]:
    return tuple(sorted({action.verb for action in actions}))


def _count_sql(actions: Iterable[Action]) -> int:
    return sum(action.verb == "sql" for action in actions)


def _programs(topology: Topology, node: str) -> tuple[str, ...]:
    """Return the programs that a node's own keepalived.conf names, what it includes read too."""
    spec = topology.nodes[node]
    document = parse_document(spec.conf or "", config_id=node, include=_include_from(spec.files))
    commands = find_commands(Configuration(document))
    return tuple(dict.fromkeys(" ".join(command.line.words) for command in commands))


def _include_from(files: Mapping[str, NodeFile]) -> Include:
    def include(pattern: str, _from: str) -> list[tuple[str, str]]:
        wanted = posixpath.join(_CONF_FOLDER, pattern)
        return [(path, files[path].content) for path in sorted(files) if fnmatchcase(path, wanted)]

    return include


def describe_powers(powers: Powers) -> str:
    """Return what a file may do, as a paragraph."""
    return " ".join(["What it may do:", *_sentences(powers)])


def _sentences(powers: Powers) -> Iterator[str]:
    if powers.recording:
        yield f"It plays {powers.recording}, a recording that comes with it. Nothing runs."
        return
    nodes = plural(powers.nodes, "{count} node", "{count} nodes")
    clients = plural(powers.clients, "{count} client", "{count} clients")
    members = join_names(filter(None, [nodes, clients if powers.clients else ""]))
    lab = f"its lab, {powers.topology}," if powers.topology else "its lab"
    limit = f"at most {powers.memory / 1e9:.1f} GB of memory and"
    yield plural(
        powers.processors,
        "{lab} has {members}, with {limit} {count} processor together.",
        "{lab} has {members}, with {limit} {count} processors together.",
        **{"lab": lab, "members": members, "limit": limit},
    )
    if powers.programs:
        yield f"As root in its nodes, and nowhere else, it runs {_by_node(powers.programs)}."
    if powers.files:
        yield f"On their disks it writes {_by_node(powers.files)}."
    if powers.edits:
        yield (
            f"It changes keepalived.conf on {join_names(powers.edits)}, which may name programs to be run as "
            "root there."
        )
    if not (powers.programs or powers.files or powers.edits):
        yield "It brings no program: its nodes run hatlab's alone."
    if powers.actions:
        yield f"In its lab it uses {_some(powers.actions)}."
    if powers.statements:
        yield plural(
            powers.statements,
            "Its MySQL runs {count} SQL statement that the file brings.",
            "Its MySQL runs {count} SQL statements that the file brings.",
        )
    yield "It names no file of this machine."
    if powers.isolated:
        yield "On Docker its nodes reach nothing but each other."
    else:
        yield (
            "For use_vmac its nodes are on ordinary bridges of Docker, and a rule of the packet filter keeps "
            "them off this machine. Where the kernel takes no such rule, the lab's log says so: then root in "
            "them can send frames to this machine, and through it. The simulator (--engine sim) has none."
        )


def _by_node(things: Mapping[str, Sequence[str]]) -> str:
    """Return `A and B (db1 and db2), C (db3)`."""
    ordered = sorted(things, key=lambda node: (things[node], node))
    groups = [(names, list(nodes)) for names, nodes in groupby(ordered, key=lambda node: things[node])]
    return ", ".join(f"{_some(names)} ({join_names(nodes)})" for names, nodes in groups)


def _some(names: Sequence[str]) -> str:
    """Return names as a list, of many the first few and how many more."""
    more = len(names) - _MOST_SHOWN
    if more <= 1:
        return join_names(names)
    return f"{', '.join(names[:_MOST_SHOWN])} and {more} more"
