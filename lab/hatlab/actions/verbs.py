"""Each thing that can be done to a lab, defined once.

The menu, the key bindings, the palette, `hatlab do`, its help, scripts and lessons all read `VERBS`, in which
the verbs of extensions stand, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hatlab.registry import Extension, Kind, Table
from hatlab.registry.table import Unfit, require_kind

SERVICES = ("mysqld", "keepalived")
SETTINGS = (
    "priority",
    "advert_int",
    "nopreempt",
    "preempt_delay",
    "weight",
    "auth_pass",
    "virtual_router_id",
)
"""The settings of a node's keepalived.conf that `set` can change."""


class ArgKind(StrEnum):
    """The kind of thing that an argument of a verb names."""

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

    kind: ArgKind
    optional: bool = False

    def __str__(self) -> str:
        name = "|".join(SERVICES) if self.kind is ArgKind.SERVICE else self.kind.value
        return f"[{name}]" if self.optional else name


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that can be done."""

    name: str
    """As written in scripts and `hatlab do`; one word or two."""
    parameters: tuple[Parameter, ...]
    """Its arguments, in order."""
    title: str
    """One line for menus; may use {service}, {node}, {network} and so on."""
    help: str
    """Its effect in the lab, and how it differs from its neighbours."""
    example: str
    """A whole line."""
    undo: str = ""
    """The verb that takes it back, if one does, with the same arguments."""
    group: str = "lab"
    """Where a menu lists it."""
    title_at: str = ""
    """The same where an optional node is given, "" for the title with the node behind it."""
    carry_out: Callable[[Any, Any], str] | None = None
    """Of an extension: takes a `hatlab.extensions.Lab` and the `Action`, and returns the effect, a sentence.

    None: each engine does it itself.
    """

    @property
    def usage(self) -> str:
        return " ".join([self.name, *map(str, self.parameters)])

    @property
    def general_title(self) -> str:
        """Its title for no place in particular: Power off NODE."""
        return self.title.format_map(_PlaceholderNames())


class _PlaceholderNames(dict[str, str]):
    """Fills a title's placeholders with their own names: {node} → NODE."""

    def __missing__(self, key: str) -> str:
        return key.upper()


_NODE = Parameter(ArgKind.NODE)
_SERVICE = Parameter(ArgKind.SERVICE)
_NETWORK = Parameter(ArgKind.NETWORK)
_ANY_NODE = Parameter(ArgKind.NODE, optional=True)

GROUPS = ("process", "node", "network", "configuration", "lab")
"""What a verb's group may be, in a menu's order."""
_OWN: dict[str, Verb] = {
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
            "Stops it cleanly: keepalived sends a last advert with priority 0.",
            "stop keepalived db1",
            undo="start",
            group="process",
        ),
        Verb(
            "start",
            (_SERVICE, _NODE),
            "Start {service} on {node}",
            "Starts it and waits until it is running.",
            "start mysqld db1",
            undo="stop",
            group="process",
        ),
        Verb(
            "freeze",
            (_SERVICE, _NODE),
            "Freeze {service} on {node} (SIGSTOP)",
            "The process stays alive but does nothing: its sockets stay open, and nothing answers.",
            "freeze mysqld db1",
            undo="thaw",
            group="process",
        ),
        Verb(
            "thaw",
            (_SERVICE, _NODE),
            "Thaw {service} on {node} (SIGCONT)",
            "Lets a frozen process continue.",
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
            "Boots the node again, with the same disk.",
            "power on db1",
            undo="power off",
            group="node",
        ),
        Verb(
            "pause",
            (_NODE,),
            "Pause {node}",
            "Stops every process of the node where it is. Its kernel still answers ARP and ping.",
            "pause db1",
            undo="resume",
            group="node",
        ),
        Verb(
            "resume",
            (_NODE,),
            "Resume {node}",
            "Lets the paused node continue as if nothing had happened.",
            "resume db1",
            undo="pause",
            group="node",
        ),
        Verb(
            "cut",
            (_NETWORK, _ANY_NODE),
            "Cut {network} between the servers",
            "What servers send each other on this network no longer arrives. With a NODE, only that node is "
            "deaf. Interfaces stay up, and clients are not affected.",
            "cut heartbeat",
            undo="heal",
            group="network",
            title_at="Make {node} deaf on {network}",
        ),
        Verb(
            "heal",
            (_NETWORK,),
            "Heal {network}",
            "Undoes every cut, loss and delay on this network.",
            "heal heartbeat",
            group="network",
        ),
        Verb(
            "link down",
            (_NETWORK, _NODE),
            "Take the interface of {node} on {network} down",
            "Like unplugging its cable: keepalived notices and goes to FAULT.",
            "link down heartbeat db1",
            undo="link up",
            group="network",
        ),
        Verb(
            "link up",
            (_NETWORK, _NODE),
            "Bring the interface of {node} on {network} up",
            "Plugs the cable back in.",
            "link up heartbeat db1",
            undo="link down",
            group="network",
        ),
        Verb(
            "loss",
            (_NETWORK, Parameter(ArgKind.PERCENT), _ANY_NODE),
            "Lose {percent} % of the frames on {network}",
            "Drops each frame from another server with this probability when it arrives.",
            "loss heartbeat 60",
            undo="heal",
            group="network",
        ),
        Verb(
            "delay",
            (_NETWORK, Parameter(ArgKind.MILLISECONDS)),
            "Delay {network} by {milliseconds} ms",
            "Sends every frame of a server on this network later. Needs netem in the kernel.",
            "delay heartbeat 200",
            undo="heal",
            group="network",
        ),
        Verb(
            "set",
            (
                _NODE,
                Parameter(ArgKind.KEY),
                Parameter(ArgKind.VALUE),
                Parameter(ArgKind.INSTANCE, optional=True),
            ),
            "Set {key} to {value} on {node}",
            "Changes one setting in the node's keepalived.conf and reloads keepalived. "
            f"Settings: {', '.join(SETTINGS)}. On a node with several instances, add the instance's name; "
            "for a weight, add the name of the check.",
            "set db2 priority 200",
            group="configuration",
        ),
        Verb(
            "edit",
            (_NODE, Parameter(ArgKind.FILE)),
            "Replace keepalived.conf on {node}",
            "Replaces the node's keepalived.conf with a file of yours; `reload` applies it. "
            "In the file, a network's name means the interface on it, and NETWORK.OCTET an address.",
            "edit db1 my-keepalived.conf",
            group="configuration",
        ),
        Verb(
            "reload",
            (_NODE,),
            "Reload keepalived on {node} (SIGHUP)",
            "keepalived reads its configuration again. A Master stays Master.",
            "reload db1",
            group="configuration",
        ),
        Verb(
            "address delete",
            (_NODE, Parameter(ArgKind.VIP)),
            "Delete {vip} on {node} by hand",
            "Removes the virtual address from the interface behind keepalived's back.",
            "address delete db1 198.18.0.100",
            group="configuration",
        ),
        Verb(
            "sql",
            (Parameter(ArgKind.WHERE), Parameter(ArgKind.STATEMENT)),
            "Run SQL on {where}",
            "Logs in and runs a query: on a node against its own mysqld, on a client at the virtual address.",
            'sql client "SELECT @@hostname"',
            group="lab",
        ),
        Verb(
            "reset",
            (),
            "Reset the lab to how it started",
            "Undoes every fault, edit and row; then a Master is elected again.",
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


def _fit(verb: Verb, extension: Extension) -> Verb:
    """Look at the verb that an extension gives.

    Raises:
        Unfit: it cannot be used.
    """
    require_kind(verb, Verb, extension)
    if verb.carry_out is None:
        raise Unfit("its Verb has nothing that carries it out (carry_out)")
    if verb.group not in GROUPS:
        raise Unfit(f"there is no group {verb.group!r}: use one of {', '.join(GROUPS)}")
    if not all(isinstance(parameter, Parameter) for parameter in verb.parameters):
        raise Unfit("its parameters are no tuple of Parameter")
    if sorted(verb.parameters, key=lambda each: each.optional) != list(verb.parameters):
        raise Unfit("a parameter that may be left out stands before one that may not")
    if verb.example.split()[:1] != [verb.name]:
        raise Unfit(f"its example does not begin with {verb.name}")
    if verb.undo and verb.undo not in (*_OWN, *(each.name for each in VERBS.extensions())):
        raise Unfit(f"there is no action {verb.undo!r} that could undo it")
    try:
        verb.title.format_map(_PlaceholderNames())
    except (ValueError, IndexError) as error:
        raise Unfit(f"its title cannot be filled in: {error}") from None
    return verb


VERBS: Table[Verb] = Table(Kind.ACTION, _OWN, _fit)


def find_verb(words: Sequence[str]) -> Verb | None:
    """Return the verb that words begin with; None if they begin with none."""
    return VERBS.get(" ".join(words[:2])) or VERBS.get(" ".join(words[:1]))
