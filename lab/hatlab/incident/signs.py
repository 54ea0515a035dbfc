"""What logs and captures tell beyond changes of state: a stranger with the same VRID, a daemon that stood.

A sign is a fact with its evidence, and what it means. It is no cause of one transition, but often that of the
whole incident, and it is told even where no transition was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf

from hatlab import events as e
from hatlab.keepalived import (
    AdvertRefused,
    AdvertSendFailed,
    LinkChanged,
    LogLine,
    LowerPriorityHeard,
    ScriptResult,
    StateEntered,
    parse_log_line,
)
from hatlab.keepalived.log_line import (
    AddressListDiffers,
    ChildDied,
    InterfaceMissing,
    KernelRefused,
    StrangeRouterHeard,
    TimerLate,
)
from hatlab.state.model import layout_of
from hatlab.topology import Layout
from hatlab.util.addresses import is_ipv6

_STOOD_STILL = 1.0
"""Seconds by which a timer is late that are more than a busy machine's."""
_CATCHES_UP = 2.0
"""Seconds after it stood still in which a daemon reads what has come meanwhile."""
_UNHEARD = 3
"""Adverts of a lower priority in a row after which a Master is not heard: one would make the other yield."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One fact of one node, however often it was told."""

    kind: str
    """vrid_shared, addresses_differ, sending_refused, addresses_refused, stalled, interface_down,
    interface_missing, check_failed, adverts_refused, not_heard, daemon_failed."""
    node: str
    at: float
    """When it was told first."""
    last: float
    """When it was told last."""
    count: int
    evidence: str
    """Where it stands first."""
    text: str
    """What it means, in whole sentences."""
    weight: float = 0.0
    """Of a standstill its length, s."""
    subject: str = ""
    """What tells it apart from another of its kind on the node: an instance, an interface, a check."""


def find_signs(events: Iterable[e.Event]) -> list[Sign]:
    """Find the signs of a recording, in the order in which they were first told."""
    found: dict[tuple[str, str, str], Sign] = {}
    finder: _Finder | None = None
    told: dict[tuple[str, str, str], str] = {}
    """(kind, node, evidence) → what it is a sign of: one line may be more than one event."""
    for event in events:
        if isinstance(event, e.Lab):
            finder = _Finder(layout_of(event))
        elif finder is not None:
            for sign in finder.signs_of(event):
                line = sign.kind, sign.node, sign.evidence
                if sign.evidence and told.setdefault(line, sign.subject) != sign.subject:
                    continue
                key = sign.kind, sign.node, sign.subject
                before = found.get(key)
                found[key] = sign if before is None else _again(before, sign)
    return sorted(found.values(), key=lambda sign: sign.at)


class _Finder:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._unheard: dict[tuple[str, str], int] = {}
        """(node, instance) → adverts of a lower priority that it heard as Master, in a row."""
        self._backups: set[tuple[str, str]] = set()
        self._stood: dict[str, float] = {}
        """Node → when its daemon went on that had stood still."""

    def signs_of(self, event: e.Event) -> Iterator[Sign]:
        match event:
            case e.Log(service="keepalived", node=node, text=text):
                line = parse_log_line(text)
                if line is not None:
                    if isinstance(line, TimerLate) and line.seconds >= _STOOD_STILL:
                        self._stood[node] = event.at
                    if isinstance(line, LowerPriorityHeard) and self._catches_up(event):
                        return
                    weight = line.seconds if isinstance(line, TimerLate) else 0.0
                    for kind, subject, meaning in self._of_line(node, line):
                        yield replace(_sign(kind, event, meaning, subject), weight=weight)
            case e.Link(up=False, node=node, network=network):
                meaning = f"The interface of {node} on {network} went down."
                yield _sign("interface_down", event, meaning, network)
            case e.Advert(direction="received"):
                yield from self._of_advert(event)
            case _:
                return

    def _catches_up(self, event: e.Log) -> bool:
        """True while adverts come in a row that waited for the daemon."""
        return event.at - self._stood.get(event.node, -inf) < _CATCHES_UP

    def _of_line(self, node: str, line: LogLine) -> Iterator[tuple[str, str, str]]:
        """(kind, subject, meaning) of what a line of keepalived's log is a sign of."""
        match line:
            case AddressListDiffers() if "number count" in line.detail or "VIPs" in line.detail:
                yield (
                    "addresses_differ",
                    line.instance,
                    f"{node} receives adverts with another number of virtual addresses than its own "
                    f'configuration has ("{line.detail}"): the nodes\' virtual_ipaddress differ, as after a '
                    "reload of one of them, or something else on this network uses the same VRID. Versions "
                    "before 2.3 reject such adverts, so it does as if it heard nothing.",
                )
            case AddressListDiffers() | StrangeRouterHeard():
                yield (
                    "vrid_shared",
                    "",
                    f"{node} receives adverts that have its virtual router's number (VRID) and are for other "
                    "addresses: something else on this network uses the same VRID.",
                )
            case AdvertSendFailed():
                yield (
                    "sending_refused",
                    "",
                    f'{node} cannot send adverts ("{line.error}"): its own machine refuses it, as a packet '
                    "filter or a container without the right capabilities does. So no other node hears it.",
                )
            case KernelRefused():
                yield (
                    "addresses_refused",
                    line.request,
                    f'The kernel of {node} refuses to set an address or a route ("{line.error}"): a Master '
                    "there does not hold the virtual address. A container needs NET_ADMIN for it.",
                )
            case TimerLate() if line.seconds >= _STOOD_STILL:
                yield (
                    "stalled",
                    "",
                    f"keepalived on {node} did not run for {line.seconds:.1f} s: the daemon or its whole "
                    "machine stood still, as in a snapshot, a migration or under heavy load. Nobody heard "
                    "adverts then.",
                )
            case LinkChanged(up=False):
                meaning = f"The interface {line.interface} of {node} went down."
                yield "interface_down", line.interface, meaning
            case StateEntered(state="FAULT") if line.reason.endswith(" down"):
                yield "interface_down", line.reason.split()[-2], f"On {node} the {_is_down(line.reason)}."
            case InterfaceMissing():
                called = line.interface or "its interface"
                yield (
                    "interface_missing",
                    line.interface,
                    f"The configuration of {node} names {called}, which that machine does not have.",
                )
            case ScriptResult(ok=False, verdict=True):
                detail = f" ({line.detail})" if line.detail else ""
                yield "check_failed", line.script, f"The check {line.script} failed on {node}{detail}."
            case AdvertRefused() if line.reason not in {"unsound", "vrid"}:
                source = self._layout.owner_of(line.address) or line.address or "a peer"
                yield (
                    "adverts_refused",
                    line.reason,
                    f'{node} rejects adverts of {source}: "{line.detail}". So it does as if it '
                    "heard nothing.",
                )
            case ChildDied(respawned=False):
                reason = line.reason.rstrip(".")
                yield "daemon_failed", "", f'keepalived on {node} ended by itself: "{reason}".'
            case LowerPriorityHeard() if (node, line.instance) not in self._backups:
                yield from self._of_lower_priority(node, line)
            case StateEntered():
                self._unheard.pop((node, line.instance), None)
                if line.state == "MASTER":
                    self._backups.discard((node, line.instance))
                else:
                    self._backups.add((node, line.instance))

    def _of_lower_priority(self, node: str, line: LowerPriorityHeard) -> Iterator[tuple[str, str, str]]:
        """A Master that hears a lower priority answers at once: who goes on does not hear it."""
        key = node, line.instance
        self._unheard[key] = self._unheard.get(key, 0) + 1
        if line.priority is not None and self._unheard[key] >= _UNHEARD:
            other = self._layout.owner_of(line.address) or line.address or "another node"
            yield (
                "not_heard",
                line.instance,
                f"{node} goes on hearing adverts of a lower priority from {other}, which would have yielded "
                f"if it heard {node}: what {node} sends does not arrive there, or is not taken.",
            )

    def _of_advert(self, event: e.Advert) -> Iterator[Sign]:
        """A captured advert with the VRID of an instance, for none of its addresses."""
        for name in self._layout.instances_of(event.node):
            spec = self._layout.topology.instances[name]
            ours = {address for address, _ in self._layout.vips(name)}
            same = spec.router == (event.vrid, is_ipv6(event.source))
            if same and event.addresses and not ours & {*event.addresses} and event.priority:
                yield _sign(
                    "vrid_shared",
                    event,
                    f"{event.node} receives adverts from {event.source} that have its virtual router's "
                    f"number (VRID {event.vrid}) and are for other addresses: something else on this network "
                    "uses the same VRID.",
                )


def _is_down(reason: str) -> str:
    """`interface eth0 down` as a clause."""
    return f"{reason.removesuffix(' down')} is down"


def _again(before: Sign, sign: Sign) -> Sign:
    """What was told already, told once more: of standstills the longest is described."""
    text = sign.text if sign.weight > before.weight else before.text
    weight = max(before.weight, sign.weight)
    return replace(before, last=sign.at, count=before.count + 1, text=text, weight=weight)


def _sign(kind: str, event: e.Event, text: str, subject: str = "") -> Sign:
    node = getattr(event, "node", "")
    return Sign(kind, node, event.at, event.at, 1, event.evidence, text, subject=subject)
