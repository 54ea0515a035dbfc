"""Finds labs on a Docker engine and removes them, above all what ended labs left behind.

A lab is one's own if a record says so (see `lab_records`). Of what is not one's own, only what can belong to
no lab that runs is removed, and only when somebody asks for it (`hatlab down`).
"""

from __future__ import annotations

import contextlib
import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from hatlab.engine.docker.connection import one_line
from hatlab.engine.docker.lab_records import EnginePlace, LabRecord, read_records
from hatlab.engine.docker.labels import LAB, OWNER, TOPOLOGY
from hatlab.engine.docker.networks import remove_network
from hatlab.engine.docker.parallel import in_parallel

if TYPE_CHECKING:
    from docker import DockerClient

REMOVALS_AT_ONCE = 2
"""Containers removed together. If many of one network are, Docker 20.10 sometimes miscounts the network's
endpoints, and it "has active endpoints" until Docker is restarted. More are not quicker."""
ABANDONED_AFTER = 300.0
"""Seconds after which a lab that has not started any container counts as abandoned."""
FORGOTTEN_AFTER = 86_400.0
"""Seconds after which a lab counts as ended whose containers stopped, but not because their lease ran out.
Before, its owner may have powered them off, and be about to power them on."""
LOOK_AGAIN_FOR = 1.5
"""Seconds during which the engine is asked again whether that request made something."""
_LOOK_EVERY = 0.3
_TAKES_TIME = 5.0
"""Seconds within which the engine ends a removal that somebody else began."""

State = Literal["running", "being made", "ended", "off"]
"""`ended`: nothing of it can run any more. `off`: all its containers stopped, but its owner may be there."""


@dataclass(frozen=True, slots=True)
class LabRemains:
    """The containers and networks of one lab on an engine."""

    lab: str
    """The lab's id."""
    topology: str
    containers: tuple[str, ...]
    """Names."""
    networks: tuple[str, ...]
    """Names."""
    running: bool
    """True if any of its containers runs."""
    owner: str = ""
    """The token of its owner's record; empty if there was none."""
    state: State = "ended"

    def __str__(self) -> str:
        return f"{self.lab} ({self.state}): {', '.join((*self.containers, *self.networks))}"


@dataclass(frozen=True, slots=True)
class Left:
    """Something of a lab that could not be removed."""

    name: str
    reason: str
    """One sentence's end: `the network NAME is still there: …`."""
    hint: str
    """What to do."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What came of the removal of a lab."""

    removed: tuple[str, ...]
    """Names of what the engine confirms to be gone."""
    left: tuple[Left, ...] = ()

    @property
    def problem(self) -> str:
        """What is left and why, in one sentence; empty if nothing is."""
        return "; ".join(f"{left.name} is still there: {left.reason}" for left in self.left)

    @property
    def hint(self) -> str:
        """What to do about what is left."""
        return "; ".join(dict.fromkeys(left.hint for left in self.left))


def find_labs(client: DockerClient) -> list[LabRemains]:
    """Return every lab that has a container or a network on this engine, running labs included."""
    containers = client.api.containers(all=True, filters={"label": LAB})
    networks = client.api.networks(filters={"label": LAB})
    if not containers and not networks:
        return []
    now = engine_time(client)
    labs: dict[str, dict[str, str]] = {}
    for labels in (item["Labels"] for item in (*networks, *containers)):
        labs[labels[LAB]] = labels
    return [
        _remains_of(
            labels,
            [c for c in containers if c["Labels"][LAB] == lab],
            [n for n in networks if n["Labels"][LAB] == lab],
            now,
        )
        for lab, labels in sorted(labs.items())
    ]


def _remains_of(
    labels: dict[str, str], containers: list[dict[str, Any]], networks: list[dict[str, Any]], now: float
) -> LabRemains:
    return LabRemains(
        lab=labels[LAB],
        topology=labels.get(TOPOLOGY, ""),
        containers=tuple(_name(c) for c in containers),
        networks=tuple(n["Name"] for n in networks),
        running=any(c["State"] in ("running", "paused", "restarting") for c in containers),
        owner=labels.get(OWNER, ""),
        state=_state_of(containers, networks, now),
    )


def _state_of(containers: list[dict[str, Any]], networks: list[dict[str, Any]], now: float) -> State:
    """Tell what can be told from outside of a lab, by the states of its containers and its age.

    Args:
        now: the engine's time, seconds since the epoch.
    """
    states = {c["State"] for c in containers}
    if states & {"running", "paused", "restarting"}:
        return "running"
    created = [float(c["Created"]) for c in containers] + [parse_time(n["Created"]) for n in networks]
    age = now - max(created, default=0.0)
    if not states & {"exited", "dead", "removing"}:
        return "being made" if age < ABANDONED_AFTER else "ended"
    lease_ran_out = any(re.match(r"Exited \(0\)", c.get("Status", "")) for c in containers)
    return "ended" if lease_ran_out or "created" in states or age > FORGOTTEN_AFTER else "off"


def engine_time(client: DockerClient) -> float:
    """Return the engine's own time, seconds since the epoch; it may be another machine's."""
    with contextlib.suppress(Exception):
        return parse_time(str(client.info()["SystemTime"]))
    return time.time()


def parse_time(stamp: str) -> float:
    """Read an RFC 3339 time with nanoseconds, as Docker writes it; return seconds since the epoch."""
    parts = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", stamp)
    if parts is None:
        return 0.0
    zone = "+00:00" if parts[3] == "Z" else parts[3]
    return datetime.fromisoformat(parts[1] + zone).timestamp() + float(parts[2] or 0)


def remove_lab(client: DockerClient, lab: str, *, owner: str | None = None, settle: float = 0.0) -> Removal:
    """Remove a lab's containers and networks; return what the engine confirms to be gone, and what is left.

    Args:
        client: the engine.
        lab: the lab's id.
        owner: only what has this token on it; None removes all that has the lab's id.
        settle: seconds during which to look again for what a request of a killed hatlab still makes.
    """
    label = [f"{LAB}={lab}", *([f"{OWNER}={owner}"] if owner else ())]
    removed: dict[str, None] = {}
    now = time.monotonic()
    settled, given_up = now + settle, now + settle + _TAKES_TIME
    while True:
        containers = client.api.containers(all=True, filters={"label": label})
        networks = client.api.networks(filters={"label": label})
        names = [*(_name(c) for c in containers), *(str(n["Name"]) for n in networks)]
        now = time.monotonic()
        if not names and now >= settled:
            return Removal(tuple(removed))
        if now > given_up:
            left = [Left(name, "Docker still lists it", "hatlab down") for name in names]
        else:
            left = _remove_all(client, containers, networks)
        gone = [name for name in names if name not in {each.name for each in left}]
        removed |= dict.fromkeys(gone)
        if left:
            return Removal(tuple(removed), tuple(left))
        if not names:
            time.sleep(_LOOK_EVERY)


def _remove_all(
    client: DockerClient, containers: list[dict[str, Any]], networks: list[dict[str, Any]]
) -> list[Left]:
    """Remove containers, then networks; return what stayed."""
    reasons = in_parallel(lambda c: _remove_container(client, c["Id"]), containers, at_once=REMOVALS_AT_ONCE)
    left = [
        Left(_name(c), reason, "hatlab down") for c, reason in zip(containers, reasons, strict=True) if reason
    ]
    problems = in_parallel(lambda network: remove_network(client, network["Id"], network["Name"]), networks)
    for network, problem in zip(networks, problems, strict=True):
        if problem and any(reasons):
            problem = "a container of the lab is still there", "hatlab down"
        if problem:
            left.append(Left(network["Name"], *problem))
    return left


def _remove_container(client: DockerClient, container: str) -> str:
    """Remove a container, or wait until somebody else's removal is through; return why it is still there."""
    from docker.errors import APIError, NotFound

    end = time.monotonic() + _TAKES_TIME
    while True:
        try:
            client.api.remove_container(container, force=True, v=True)
            return ""
        except NotFound:
            return ""
        except APIError as error:
            if "No such container" in str(error):
                return ""
            if time.monotonic() > end:
                return one_line(error)
        time.sleep(_LOOK_EVERY)


def _name(container: dict[str, Any]) -> str:
    """Return a container's name; an engine that is removing it may have taken that away."""
    return str(container["Names"][0]).lstrip("/") if container.get("Names") else str(container["Id"])[:12]


@dataclass(frozen=True, slots=True)
class OwnLab:
    """A record of one's own, with what the engine has of its lab."""

    record: LabRecord
    remains: LabRemains | None
    """None: the engine has nothing of it."""

    def is_dead(self) -> bool:
        """True if no process runs the lab: its owner's is gone, or, where that cannot be told, it ended."""
        runs = self.record.owner_runs()
        if runs is None:
            return self.remains is None or self.remains.state == "ended"
        return not runs


def find_own_labs(remains: list[LabRemains], records: list[LabRecord] | None = None) -> list[OwnLab]:
    """Return one's own labs, running ones included, with what is on the engine of each."""
    by_lab = {each.lab: each for each in remains}
    return [
        OwnLab(record, found if (found := by_lab.get(record.lab)) and record.owns(found.owner) else None)
        for record in (read_records() if records is None else records)
    ]


def remove_own_lab(client: DockerClient, own: OwnLab, place: EnginePlace) -> Removal:
    """Remove what is on the engine of a dead lab of one's own, and end its record once nothing is left.

    If this engine has nothing of it, and it was made on another one, its record stays.
    """
    settle = LOOK_AGAIN_FOR if own.record.is_young else 0.0
    removal = remove_lab(client, own.record.lab, owner=own.record.token, settle=settle)
    here = own.record.place is None or own.record.place.is_same(place)
    if not removal.left and (removal.removed or here):
        own.record.end()
    return removal


def remove_own_dead_labs(client: DockerClient, place: EnginePlace) -> None:
    """Remove what one's own dead labs left on this engine; never fails, never touches another's lab."""
    with contextlib.suppress(Exception):
        records = read_records()
        if not records:
            return
        for own in find_own_labs(find_labs(client), records):
            with contextlib.suppress(Exception):
                if own.is_dead():
                    remove_own_lab(client, own, place)
