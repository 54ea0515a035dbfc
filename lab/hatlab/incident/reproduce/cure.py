"""An incident's faults once more with changed configurations: does the cure hold?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import ValidationError

from hatlab.compare.comparison import Comparison, compare_courses
from hatlab.compare.totals import Total, find_totals
from hatlab.errors import UserError
from hatlab.incident.brought import BroughtFile
from hatlab.incident.lab_event import whole_text
from hatlab.incident.reproduce.asked_hosts import with_places
from hatlab.incident.reproduce.search import Reproduction
from hatlab.incident.reproduce.strangers import STRANGER
from hatlab.incident.reproduce.timetable import script_length, script_lines
from hatlab.incident.reproduce.trial import EngineName, Trial, play
from hatlab.incident.sources import ConfRecord, FrameRecord, Hints, LogRecord, read_source
from hatlab.keepalived.diagnose import diagnose_config
from hatlab.keepalived.to_topology.convert import NodeInput, topology_from
from hatlab.topology import Topology
from hatlab.topology.spec import ClientSpec
from hatlab.util.text import join_names, plural

_CLIENT = "client"
_OCTETS = range(250, 200, -1)
"""Last octets that the client may have."""


@dataclass(frozen=True, slots=True)
class Cure:
    """The same faults with the incident's configurations, the first run, and with changed ones, the other."""

    topology: Topology
    """With the changed configurations."""
    before: Trial
    after: Trial
    comparison: Comparison
    notes: tuple[str, ...] = ()
    """What is wrong with the changed configurations, and what the lab does otherwise."""

    @property
    def totals(self) -> list[Total]:
        return find_totals(self.comparison)

    @property
    def holds(self) -> bool:
        """True if something got better, and nothing worse."""
        differing = [total for total in self.totals if total.differs(self.comparison.within)]
        return bool(differing) and all(total.more < 0 for total in differing)


def read_changed(files: Sequence[BroughtFile]) -> dict[str, str]:
    """Return node → its changed configuration, with what it includes.

    Raises:
        UserError: a file is no configuration, or nothing says of which node it is.
    """
    confs: dict[str, list[ConfRecord]] = {}
    for file in files:
        for record in read_source(file.path, file.name, Hints(None)):
            if isinstance(record, LogRecord | FrameRecord):
                break  # a log or a capture that lies beside it
            if isinstance(record, ConfRecord):
                if not file.node:
                    raise UserError(f"{file.name}: of which node is it?", f"say so: db1={file.path}")
                confs.setdefault(file.node, []).append(record)
    if not confs:
        what = plural(
            len(files),
            "{names} is no keepalived.conf",
            "no keepalived.conf is among {names}",
            names=join_names([file.name for file in files]),
        )
        raise UserError(what, "for example: --cure db1=new.conf")
    return {node: whole_text(found, []) for node, found in confs.items()}


def try_cure(found: Reproduction, changed: Mapping[str, str], engine: EngineName) -> Cure:
    """Play what the reproduction found twice, with a client: before the change and after it.

    Raises:
        UserError: a node has no configuration in the incident, or no lab can be made of the new one.
        EngineError: a lab cannot start.
    """
    seen, best = found.seen, found.best
    topology, notes = change_topology(found, changed)
    lines = script_lines(seen, best.faults, best.lead)
    length = script_length(seen, best.lead)
    before, after = (
        play(seen.lab.name, _with_client(one), lines, length, engine, best.seed)
        for one in (found.topology, topology)
    )
    comparison = compare_courses(before.course(), after.course())
    return Cure(topology, before, after, comparison, notes)


def change_topology(found: Reproduction, changed: Mapping[str, str]) -> tuple[Topology, tuple[str, ...]]:
    """Return the incident's topology with what the changed configurations make of it otherwise, and notes."""
    confs = found.seen.confs
    for node in changed:
        if node not in confs:
            known = ", ".join(confs) or "none"
            raise UserError(
                f"the incident has no configuration of {node} that could be changed",
                f"nodes that have one: {known}",
            )
    old = topology_from([NodeInput(node, text) for node, text in confs.items()])
    new = topology_from([NodeInput(node, changed.get(node, text)) for node, text in confs.items()])
    try:
        before, after = (Topology.model_validate(yaml.safe_load(made.text)) for made in (old, new))
        patched = _patch(found.topology.to_data(), before.to_data(), after.to_data())
        topology = Topology.model_validate(
            {"version": 1, **with_places(patched, found.seen.layout, found.seen.asked)}
        )
    except ValidationError as error:
        raise UserError(
            "no lab can be made of the changed configurations", str(error.errors()[0]["msg"])
        ) from None
    mistakes = [
        mistake
        for node, text in changed.items()
        for mistake in _mistakes(node, text)
        if mistake not in [*_mistakes(node, confs[node])]
    ]
    return topology, (*mistakes, *(note for note in new.notes if note not in old.notes))


def _mistakes(node: str, text: str) -> Iterator[str]:
    """Yield what is wrong with a configuration, in sentences without a line, which the old one has, too."""
    for finding in diagnose_config(text):
        if finding.severity == "error":
            yield f"{node}: {finding.message} ({finding.code})"


def _patch(current: Any, old: Any, new: Any) -> Any:
    """Return what is, with each difference between the old and the new made in it, too."""
    if old == new:
        return current
    if not (isinstance(current, dict) and isinstance(old, dict) and isinstance(new, dict)):
        return new
    keys = [*current, *(key for key in new if key not in current)]
    patched = {
        key: _patch(current.get(key), old.get(key), new.get(key))
        for key in keys
        if key not in old or key in new
    }
    return {key: value for key, value in patched.items() if value is not None}


def _with_client(topology: Topology) -> Topology:
    """Return a topology with somebody who asks for each virtual address, so that an outage can be told."""
    if topology.clients:
        return topology
    used = {octet for node in topology.nodes.values() for octet in _octets_of(node.model_dump())}
    clients: dict[str, ClientSpec] = {}
    for name, spec in topology.instances.items():
        network = next((network for network, octets in spec.addresses.items() if octets), None)
        free = [octet for octet in _OCTETS if octet not in used]
        if network is None or not free or all(node.startswith(STRANGER) for node in spec.members):
            continue
        used.add(free[0])
        called = _CLIENT if not clients else f"{_CLIENT}-{len(clients) + 1}"
        clients[called] = ClientSpec(network=network, octet=free[0], target=name, writes=0)
    return topology.model_copy(update={"clients": clients})


def _octets_of(data: Any) -> set[int]:
    if isinstance(data, dict):
        return {octet for value in data.values() for octet in _octets_of(value)}
    if isinstance(data, list | tuple):
        return {octet for value in data for octet in _octets_of(value)}
    return {data} if isinstance(data, int) else set()
