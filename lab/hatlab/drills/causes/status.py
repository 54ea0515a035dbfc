"""Signs that the map shows: who is Master, with which priority, and whether the client is answered."""

from __future__ import annotations

from hatlab.drills.model import Sign, Written
from hatlab.drills.places import STATUS, log, shell
from hatlab.drills.roles import Roles


def next_answers(lab: Roles, *more: Written) -> list[Written]:
    """What holds once the next server has taken over."""
    return [f"owner {lab.next} {lab.vip}", f"answered {lab.next} {lab.client}", *more]


def states(
    lab: Roles,
    best: str,
    second: str,
    *,
    priority: int | None = None,
    other: int | None = None,
) -> Sign:
    """What the best server and the next one report; priorities as in the topology, unless given."""
    priority = lab.priority(lab.best) if priority is None else priority
    other = lab.priority(lab.next) if other is None else other
    shows = f"{_state(lab.best, best, priority)}, {_state(lab.next, second, other)}."
    has = (_line(lab, lab.best, best, priority), _line(lab, lab.next, second, other))
    return Sign(STATUS, "states", shows, has)


def _state(node: str, state: str, priority: int) -> str:
    if state in {"MASTER", "BACKUP"}:
        return f"{node} is {state.capitalize()} with priority {priority}"
    return f"{node} is in state {state}"


def _line(lab: Roles, node: str, state: str, priority: int) -> str:
    known = f"{priority}" if state in {"MASTER", "BACKUP"} else r"\d+"
    return rf"^{node} {lab.instance}: {state}, priority {known}$"


def answered_by(lab: Roles, node: str) -> Sign:
    """The client is answered by a server."""
    client = lab.client
    return Sign(
        STATUS,
        "client",
        f"{_the_client(lab)} is answered by {node}.",
        has=(rf"^{client}: answered by {node}$",),
    )


def _the_client(lab: Roles) -> str:
    return "The client" if lab.client == "client" else lab.client


def no_answer(lab: Roles) -> Sign:
    """The client gets no answer."""
    return Sign(STATUS, "client", f"{_the_client(lab)} gets no answer.", has=(rf"^{lab.client}: no answer$",))


def power(node: str, state: str) -> Sign:
    """Whether a machine is switched `on` or `off`."""
    return Sign(STATUS, "power", f"{node} is switched {state}.", has=(rf"^{node} power: {state}$",))


def link(node: str, *, up: bool = False) -> Sign:
    """keepalived's word on an interface that went down."""
    if up:
        return Sign(
            log(node), "link", f"{node} logs no interface that went down.", lacks=(r"reports \S+ down",)
        )
    shows = f"{node} logs an interface that went down."
    return Sign(log(node), "link", shows, has=(r"Netlink reports \S+ down",))


def mysqld_process(node: str, state: str) -> Sign:
    """What `ps` says of a node's mysqld: it is up, down or frozen."""
    return service_process(node, "mysqld", state)


def keepalived_process(node: str, state: str) -> Sign:
    """What `ps` says of a node's keepalived: it is up, down or frozen."""
    return service_process(node, "keepalived", state)


def service_process(node: str, service: str, state: str) -> Sign:
    """What `ps` says of a service: it is up, down or frozen."""
    place = shell(node, f"ps -C {service} -o stat,args")
    match state:
        case "frozen":
            shows = f"{service} is there on {node}, but its state is T: stopped."
            return Sign(place, "process", shows, has=(rf"^T\S*\s.*{service}",))
        case "down":
            return Sign(place, "process", f"No {service} runs on {node}.", lacks=(rf"^\S+\s.*{service}",))
        case _:
            return Sign(place, "process", f"{service} runs on {node}.", has=(rf"^[SRD]\S*\s.*{service}",))
