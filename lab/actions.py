"""What can be done to a lab. Each verb is defined once, here.

The menu, the key bindings, the palette, `hatlab do`, its help, scripts and lessons all read `VERBS`;
an engine receives an `Action` and carries it out.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Protocol

from lab.errors import ActionError

SERVICES = ("mysqld", "keepalived")
SETTINGS = ("priority", "advert_int", "nopreempt", "preempt_delay", "weight", "auth_pass")
"""What `set` can change in a node's keepalived.conf."""


class Place(StrEnum):
    """What an argument of a verb names."""

    SERVICE = "SERVICE"
    NODE = "NODE"
    NETWORK = "NETWORK"
    PERCENT = "PERCENT"
    MILLISECONDS = "MILLISECONDS"
    KEY = "KEY"
    VALUE = "VALUE"
    INSTANCE = "INSTANCE"
    FILE = "FILE"
    VIP = "VIP"
    WHERE = "NODE|CLIENT"
    STATEMENT = "STATEMENT"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a verb."""

    place: Place
    optional: bool = False

    def __str__(self) -> str:
        name = "|".join(SERVICES) if self.place is Place.SERVICE else self.place.value
        return f"[{name}]" if self.optional else name


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that can be done.

    Attributes:
        name: as written in scripts and `hatlab do`; one word or two.
        parameters: what follows it.
        title: one line for menus; may use {service}, {node}, {network} and so on.
        help: what it does in the lab, and how it differs from its neighbours.
        example: a whole line.
        undo: the verb that takes it back, if one does, with the same arguments.
        group: where a menu lists it.
    """

    name: str
    parameters: tuple[Parameter, ...]
    title: str
    help: str
    example: str
    undo: str = ""
    group: str = "lab"

    @property
    def usage(self) -> str:
        return " ".join([self.name, *map(str, self.parameters)])


class Names(Protocol):
    """The names an action may use; a topology's layout has them."""

    @property
    def node_names(self) -> tuple[str, ...]: ...
    @property
    def client_names(self) -> tuple[str, ...]: ...
    @property
    def network_names(self) -> tuple[str, ...]: ...
    @property
    def vip_addresses(self) -> tuple[str, ...]: ...
    def services(self, node: str) -> tuple[str, ...]:
        """The services that run on a node; none on a client."""

    def pinged(self, client: str) -> str | None:
        """The host that a client pings instead of asking mysqld."""


_NODE = Parameter(Place.NODE)
_SERVICE = Parameter(Place.SERVICE)
_NETWORK = Parameter(Place.NETWORK)
_ANY_NODE = Parameter(Place.NODE, optional=True)

VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb(
            "kill",
            (_SERVICE, _NODE),
            "Kill {service} on {node} (SIGKILL)",
            "The process ends at once, with no chance to say goodbye.",
            "kill mysqld db1",
            undo="start",
            group="process",
        ),
        Verb(
            "stop",
            (_SERVICE, _NODE),
            "Stop {service} on {node} (SIGTERM)",
            "An orderly stop: keepalived sends a last advert with priority 0.",
            "stop keepalived db1",
            undo="start",
            group="process",
        ),
        Verb(
            "start",
            (_SERVICE, _NODE),
            "Start {service} on {node}",
            "Starts it and waits until it runs.",
            "start mysqld db1",
            undo="stop",
            group="process",
        ),
        Verb(
            "freeze",
            (_SERVICE, _NODE),
            "Freeze {service} on {node} (SIGSTOP)",
            "Alive but not running: sockets stay open, nothing answers.",
            "freeze mysqld db1",
            undo="thaw",
            group="process",
        ),
        Verb(
            "thaw",
            (_SERVICE, _NODE),
            "Thaw {service} on {node} (SIGCONT)",
            "Lets a frozen process go on.",
            "thaw mysqld db1",
            undo="freeze",
            group="process",
        ),
        Verb(
            "power off",
            (_NODE,),
            "Power off {node}",
            "The whole machine is gone at once: processes, addresses, everything but its disk.",
            "power off db1",
            undo="power on",
            group="node",
        ),
        Verb(
            "power on",
            (_NODE,),
            "Power on {node}",
            "Boots the node with the disk it had.",
            "power on db1",
            undo="power off",
            group="node",
        ),
        Verb(
            "pause",
            (_NODE,),
            "Pause {node}",
            "Every process of the node stops where it is; its kernel still answers ARP and ping.",
            "pause db1",
            undo="resume",
            group="node",
        ),
        Verb(
            "resume",
            (_NODE,),
            "Resume {node}",
            "The paused node goes on as if nothing had happened.",
            "resume db1",
            undo="pause",
            group="node",
        ),
        Verb(
            "cut",
            (_NETWORK, _ANY_NODE),
            "Cut {network} between the servers",
            "What servers send each other on this network no longer arrives; with a node, only that one is "
            "deaf. Interfaces stay up and clients are not touched.",
            "cut heartbeat",
            undo="heal",
            group="network",
        ),
        Verb(
            "heal",
            (_NETWORK,),
            "Heal {network}",
            "Takes back every cut, loss and delay on this network.",
            "heal heartbeat",
            group="network",
        ),
        Verb(
            "link down",
            (_NETWORK, _NODE),
            "Interface of {node} on {network} down",
            "Like pulling its cable: keepalived sees it and goes to FAULT.",
            "link down heartbeat db1",
            undo="link up",
            group="network",
        ),
        Verb(
            "link up",
            (_NETWORK, _NODE),
            "Interface of {node} on {network} up",
            "Plugs the cable in again.",
            "link up heartbeat db1",
            undo="link down",
            group="network",
        ),
        Verb(
            "loss",
            (_NETWORK, Parameter(Place.PERCENT), _ANY_NODE),
            "Lose {percent} % of frames on {network}",
            "Each frame from another server is dropped with this chance on arrival.",
            "loss heartbeat 60",
            undo="heal",
            group="network",
        ),
        Verb(
            "delay",
            (_NETWORK, Parameter(Place.MILLISECONDS)),
            "Delay {network} by {milliseconds} ms",
            "Every frame that a server sends on this network leaves later. Needs netem in the kernel.",
            "delay heartbeat 200",
            undo="heal",
            group="network",
        ),
        Verb(
            "set",
            (_NODE, Parameter(Place.KEY), Parameter(Place.VALUE), Parameter(Place.INSTANCE, optional=True)),
            "Set {key} to {value} on {node}",
            "Changes one setting in the node's keepalived.conf and reloads keepalived. "
            f"Settings: {', '.join(SETTINGS)}. A node with several instances needs the instance's name too; "
            "a weight is a check's, so it takes the name of the check.",
            "set db2 priority 200",
            group="configuration",
        ),
        Verb(
            "edit",
            (_NODE, Parameter(Place.FILE)),
            "Replace keepalived.conf on {node}",
            "Puts the text of a file of yours in place of the node's keepalived.conf; `reload` applies it. "
            "In it a network's name may stand for the interface on it, NETWORK.OCTET for an address.",
            "edit db1 my-keepalived.conf",
            group="configuration",
        ),
        Verb(
            "reload",
            (_NODE,),
            "Reload keepalived on {node} (SIGHUP)",
            "keepalived reads its configuration again; a Master stays Master.",
            "reload db1",
            group="configuration",
        ),
        Verb(
            "address delete",
            (_NODE, Parameter(Place.VIP)),
            "Delete {vip} on {node} by hand",
            "Takes the virtual address off the interface behind keepalived's back.",
            "address delete db1 198.18.0.100",
            group="configuration",
        ),
        Verb(
            "sql",
            (Parameter(Place.WHERE), Parameter(Place.STATEMENT)),
            "Run SQL on {where}",
            "On a node: on its own mysqld. On a client: over the virtual address.",
            'sql client "SELECT @@hostname"',
            group="lab",
        ),
        Verb(
            "reset",
            (),
            "Reset the lab to its beginning",
            "Every fault, edit and row is undone; the pair elects a Master again.",
            "reset",
            group="lab",
        ),
        Verb(
            "end",
            (),
            "End the lab",
            "Stops the lab and removes everything it made.",
            "end",
            group="lab",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Action:
    """A verb with its arguments, in the order of its parameters (an absent optional one is left out).

    `text` carries the new content of an `edit`; it is never part of the written form.
    """

    verb: str
    args: tuple[str, ...] = ()
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return " ".join([self.verb, *(shlex.quote(arg) if " " in arg else arg for arg in self.args)])

    def get(self, place: Place) -> str | None:
        """The argument that stands at `place`, None if it was left out."""
        for parameter, arg in zip(VERBS[self.verb].parameters, self.args, strict=False):
            if parameter.place is place:
                return arg
        return None

    def need(self, place: Place) -> str:
        """The argument at `place` of a verb that requires it."""
        value = self.get(place)
        assert value is not None, f"{self.verb} takes no {place}"
        return value

    @property
    def title(self) -> str:
        """A line for people: the verb's title with its arguments put in."""
        verb = VERBS[self.verb]
        words = {p.place.name.lower(): a for p, a in zip(verb.parameters, self.args, strict=False)}
        node = f" at {self.get(Place.NODE)}" if "{node}" not in verb.title and "node" in words else ""
        part = f", {words['instance']}" if "instance" in words else ""
        blank = {p.place.name.lower(): str(p) for p in verb.parameters}
        return verb.title.format(**{**blank, **words}) + node + part

    @property
    def undo(self) -> Action | None:
        """The action that takes this one back, None if there is none."""
        verb = VERBS[self.verb]
        if not verb.undo:
            return None
        other = VERBS[verb.undo]
        args = [self.get(p.place) for p in other.parameters]
        return Action(other.name, tuple(arg for arg in args if arg is not None))


def parse(line: str, names: Names | None = None) -> Action:
    """The action a line says: `kill mysqld db1`.

    Args:
        line: verb and arguments; quotes as in a shell.
        names: what the lab has; None checks the form only.

    Raises:
        ActionError: no such verb, an argument missing, too many, out of range, or unknown to the lab.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise ActionError(f"cannot read {line!r}: {error}", "close the quotes") from None
    return from_words(words, names)


def resolve(words: list[str], names: Names) -> list[str]:
    """Words with `.100` replaced by the lab's virtual address that ends so."""
    return [_address(word, names) if word.startswith(".") else word for word in words]


def _address(word: str, names: Names) -> str:
    return next((a for a in names.vip_addresses if word[1:].isdigit() and a.endswith(word)), word)


def from_words(words: list[str], names: Names | None = None) -> Action:
    """`parse` for a line already cut into words."""
    if not words:
        raise ActionError("no action given", "one of: " + ", ".join(VERBS))
    verb = VERBS.get(" ".join(words[:2])) or VERBS.get(words[0])
    if verb is None:
        guess = get_close_matches(" ".join(words[:2]), VERBS, 1) or get_close_matches(words[0], VERBS, 1)
        raise ActionError(
            f"unknown action {words[0]!r}",
            f"did you mean {guess[0]!r}?" if guess else "one of: " + ", ".join(VERBS),
        )
    args = words[len(verb.name.split()) :]
    needed = sum(not p.optional for p in verb.parameters)
    if not needed <= len(args) <= len(verb.parameters):
        wrong = "too few words" if len(args) < needed else "too many words"
        raise ActionError(f"{wrong} for {verb.name!r}", f"usage: {verb.usage}, as in: {verb.example}")
    for parameter, arg in zip(verb.parameters, args, strict=False):
        _check(verb, parameter, arg, names)
    action = Action(verb.name, tuple(args))
    if names and (senseless := _senseless(action, names)):
        raise ActionError(*senseless)
    return action


_KEEPALIVED = frozenset({"cut", "loss", "set", "edit", "reload", "address delete"})
"""Verbs that touch a node's keepalived, or what servers send each other."""


def _senseless(action: Action, names: Names) -> tuple[str, str] | None:
    """Why an action makes no sense where it points, and what does; None if it does."""
    where = action.get(Place.NODE) or action.get(Place.WHERE)
    if where is None:
        return None
    if action.verb == "sql" and (host := names.pinged(where)):
        return f"{where} pings {host} and talks to no mysqld", "run SQL on a node with mysqld"
    needed = "keepalived" if action.verb in _KEEPALIVED else action.get(Place.SERVICE)
    if action.verb == "sql" and where in names.node_names:
        needed = "mysqld"
    runs = names.services(where)
    if needed is None or needed in runs:
        return None
    only = (
        f"it runs {' and '.join(runs)}" if runs else "it only answers ping: power it off, or pull its cable"
    )
    return f"{where} runs no {needed}", only


def _check(verb: Verb, parameter: Parameter, arg: str, names: Names | None) -> None:
    match parameter.place:
        case Place.SERVICE:
            _one_of("service", arg, SERVICES)
        case Place.NODE if names:
            _one_of("node", arg, names.node_names)
        case Place.WHERE if names:
            _one_of("node or client", arg, (*names.node_names, *names.client_names))
        case Place.NETWORK if names:
            _one_of("network", arg, names.network_names)
        case Place.VIP if names:
            _one_of("virtual address", arg, names.vip_addresses)
        case Place.KEY:
            _one_of("setting", arg, SETTINGS)
        case Place.PERCENT:
            _number(verb, "a percentage", arg, 0, 100)
        case Place.MILLISECONDS:
            _number(verb, "milliseconds", arg, 0, 60_000)
        case Place.VALUE if len(arg) > 64 or any(c in arg for c in "{}!#\"'\n\r\\"):
            raise ActionError(f"{arg!r} cannot stand in keepalived.conf", "letters, digits, '.', '-'")
        case _:
            pass


def _one_of(what: str, arg: str, known: tuple[str, ...]) -> None:
    if arg in known:
        return
    guess = get_close_matches(arg, known, 1)
    hint = f"did you mean {guess[0]!r}?" if guess else f"one of: {', '.join(known)}"
    raise ActionError(f"no {what} {arg!r}", hint)


def _number(verb: Verb, what: str, arg: str, low: float, high: float) -> None:
    try:
        ok = low <= float(arg) <= high
    except ValueError:
        ok = False
    if not ok:
        raise ActionError(f"{arg!r} is not {what} from {low:g} to {high:g}", f"as in: {verb.example}")


def choices(names: Names) -> Iterator[Action]:
    """Every action that needs no free text, on everything the lab has: for menus and the palette."""
    for verb in VERBS.values():
        for action in _expand(Action(verb.name), verb.parameters, names):
            if _senseless(action, names) is None:
                yield action


def wordy(names: Names) -> Iterator[Action]:
    """The beginning, up to the node, of every action that needs free text."""
    for verb in VERBS.values():
        places = [p.place for p in verb.parameters]
        if not {Place.KEY, Place.STATEMENT} & set(places):
            continue
        where = names.node_names
        if places[0] is Place.WHERE:
            where = (*names.node_names, *names.client_names)
        for name in where:
            action = Action(verb.name, (name,))
            if _senseless(action, names) is None:
                yield action


def _expand(action: Action, left: tuple[Parameter, ...], names: Names) -> Iterator[Action]:
    if not left:
        yield action
        return
    head, *rest = left
    if head.optional:
        yield action
    for value in _values(head.place, names):
        yield from _expand(replace(action, args=(*action.args, value)), tuple(rest), names)


def _values(place: Place, names: Names) -> tuple[str, ...]:
    match place:
        case Place.SERVICE:
            return SERVICES
        case Place.NODE:
            return names.node_names
        case Place.NETWORK:
            return names.network_names
        case Place.VIP:
            return names.vip_addresses
        case Place.PERCENT:
            return ("30", "60", "90")
        case Place.MILLISECONDS:
            return ("200",)
        case _:
            return ()
