"""The story of a recording: what happened, when and why, what is not known, what would have prevented it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hatlab import events as e
from hatlab.describe.times import RunClock
from hatlab.diagnostics.finding import Finding
from hatlab.incident.signs import Sign, find_signs
from hatlab.keepalived.diagnose import diagnose_config
from hatlab.keepalived.diagnose.conf import Configuration
from hatlab.keepalived.parser import parse_document
from hatlab.state.model import LabState
from hatlab.state.run_report import RunReport, Transition, build_report
from hatlab.state.steps import Step, derive_steps

CAPTURE_FILTER = "vrrp or ip6 proto 112 or arp or icmp6"
"""What tcpdump is to capture: its `vrrp` is VRRP over IPv4 alone."""
_SHOWN_FINDINGS = 8
_AROUND = 10.0
"""Seconds around a moment that somebody asks about."""
_PREVENTABLE = {"error": 0, "warning": 1}


@dataclass
class Story:
    """What there is to tell."""

    report: RunReport
    clock: RunClock
    takeover: Transition | None
    """The change that the story is about: the first failover, or the one that was asked for."""
    before: str | None
    """Who was Master before it."""
    gave_up: Transition | None
    """The change with which that one had stopped being Master, if it comes first."""
    is_split: bool
    """Both were Master: the one before still wrote its log, and gave nothing up."""
    is_alone: bool
    """Of an incident: nothing is known of any other node."""
    made_up: dict[str, str]
    """Address that stands for one which nothing tells → what it is, in words."""
    takeovers: list[Transition]
    """Each change of that virtual router's Master which is told."""
    transitions: list[Transition]
    signs: list[Sign]
    findings: list[tuple[str, Finding]]
    """(node, finding) of its configuration."""
    unknown: list[str] = field(default_factory=list)
    """Whole sentences."""


def tell_story(
    facts: Iterable[e.Event],
    *,
    at: float | None = None,
    begin: float | None = None,
    end: float | None = None,
) -> Story:
    """Read a recording's facts and find what is to be told.

    Args:
        at: the moment that is asked about, seconds since the beginning.
        begin: leave out what is earlier, and with `end` what is later.
    """
    kept: list[e.Event] = []
    last = LabState()

    def keep_what_is_told(steps: Iterable[Step]) -> Iterable[Step]:
        nonlocal last
        for step in steps:
            last = step.after
            if isinstance(step.event, e.Lab | e.Log | e.Link | e.Advert):
                kept.append(step.event)
            yield step

    report = build_report(keep_what_is_told(derive_steps(facts)))
    first, until = (at - _AROUND, at + _AROUND) if at is not None else (begin, end)
    in_window = [
        change
        for change in report.transitions
        if change.to != "INIT"
        and (first is None or change.at >= first)
        and (until is None or change.at <= until)
    ]
    signs = [
        sign
        for sign in find_signs(kept)
        if (first is None or sign.last >= first) and (until is None or sign.at <= until)
    ]
    takeover, before = _find_takeover(in_window, report.transitions, at)
    given_up = _find_end(report.transitions, takeover, before)
    return Story(
        report=report,
        clock=last.clock,
        takeover=takeover,
        before=before,
        gave_up=given_up
        if takeover is not None
        else next((change for change in in_window if change.from_ == "MASTER"), None),
        is_split=given_up is None and _is_split(report.transitions, kept, takeover, before),
        is_alone=last.is_imported and len(last.nodes) < 2,
        made_up=_find_made_up(last),
        takeovers=_find_takeovers(in_window, report.transitions, takeover),
        transitions=in_window,
        signs=signs,
        findings=_find_findings(last),
        unknown=_find_unknown(last) if last.is_imported else [],
    )


def _find_takeover(
    candidates: Sequence[Transition], everything: Sequence[Transition], at: float | None
) -> tuple[Transition | None, str | None]:
    """The change to MASTER that is asked about, and who was Master before; else the first failover."""
    found: list[tuple[Transition, str | None]] = []
    masters: dict[str, str] = {}
    for change in everything:
        if change.to == "MASTER":
            before = masters.get(change.instance)
            if change in candidates and not was_before(change):
                found.append((change, before if before != change.node else None))
            masters[change.instance] = change.node
    if at is not None and found:
        return min(found, key=lambda one: abs(one[0].at - at))
    return next((one for one in found if one[1]), found[-1] if found else (None, None))


def was_before(change: Transition) -> bool:
    """True for what was so already when an imported incident begins."""
    return change.at == 0 and change.why is None


def _find_end(
    everything: Sequence[Transition], takeover: Transition | None, before: str | None
) -> Transition | None:
    """The change with which the Master before stopped being one; None if it was still one."""
    if takeover is None or before is None:
        return None
    found = None
    for change in everything:
        if (change.instance, change.node) != (takeover.instance, before):
            continue
        if change.at > takeover.at:
            break
        if change.from_ == "MASTER":
            found = change
        elif change.to == "MASTER":
            found = None
    return found


_SURELY_LATER = 2.0
"""Seconds after a takeover in which what a node wrote may be from before it."""


def _is_split(
    everything: Sequence[Transition], kept: Sequence[e.Event], takeover: Transition | None, before: str | None
) -> bool:
    if takeover is None or before is None:
        return False
    soon = takeover.at + _SURELY_LATER
    yielded = any(
        change.node == before and change.from_ == "MASTER" and takeover.at < change.at < soon
        for change in everything
    )
    writes = any(isinstance(ev, e.Log) and ev.node == before and ev.at > soon for ev in kept)
    at_once = any(
        change.node == before and change.to == "MASTER" and abs(change.at - takeover.at) < soon - takeover.at
        for change in everything
    )
    return not yielded and (writes or at_once)


def _find_made_up(state: LabState) -> dict[str, str]:
    if state.layout is None or not state.is_imported:
        return {}
    return {
        address: f"the address of {instance}"
        for instance in state.layout.topology.instances
        for address, _ in state.layout.vips(instance)
        if address not in state.layout.real_addresses
    }


def _find_takeovers(
    candidates: Sequence[Transition], everything: Sequence[Transition], asked: Transition | None
) -> list[Transition]:
    """The changes by which a virtual router went from one Master to another."""
    found: list[Transition] = []
    master = None
    for change in everything:
        if asked is None or (change.instance, change.to) != (asked.instance, "MASTER"):
            continue
        if master not in (None, change.node) and change in candidates:
            found.append(change)
        master = change.node
    return found


def _find_findings(state: LabState) -> list[tuple[str, Finding]]:
    """What is wrong with the configurations, the worst first."""
    texts = {name: node.loaded or node.conf for name, node in state.nodes.items()}
    texts = {name: text for name, text in texts.items() if text}
    parsed = {name: Configuration(parse_document(text), name=name) for name, text in texts.items()}
    found = [
        (name, finding)
        for name, text in texts.items()
        for finding in diagnose_config(text, *(conf for peer, conf in parsed.items() if peer != name))
        if finding.severity in _PREVENTABLE
    ]
    found.sort(key=lambda one: _PREVENTABLE[one[1].severity])
    return found[:_SHOWN_FINDINGS]


def _find_unknown(state: LabState) -> list[str]:
    """What nothing that was brought says, and what would."""
    sentences = []
    for name, node in state.nodes.items():
        if not node.sees("log"):
            sentences.append(
                f"What keepalived on {name} thought is not known: there is no log of it. "
                f"Next time: journalctl -u keepalived -o short-iso-precise."
            )
        if not node.sees("capture"):
            sentences.append(
                f"Whether adverts reached {name} is not known: there is no capture from it. "
                f"Next time: tcpdump -n -i any -w {name}.pcap '{CAPTURE_FILTER}'."
            )
        if not node.sees("conf"):
            sentences.append(f"The settings of {name} are not known: there is no keepalived.conf of it.")
        if node.unknown_addresses:
            sentences.append(
                f"Whether {name} held the virtual address at the end is not known: nothing says it. "
                f"Next time: ip -ts monitor address link."
            )
    return sentences
