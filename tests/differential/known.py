"""Disagreements that are understood: what the simulator leaves out on purpose, and what chance decides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from hatlab.keepalived.diagnose.effects import unmodelled_settings
from tests.differential.case import Case, Step
from tests.differential.compare import Difference
from tests.differential.outcome import Fact, Outcome

TOGETHER = "timers of two nodes end in the same millisecond: chance decides whose is first"
IN_STEP = (
    "two Masters that refuse each other's adverts fall into step: chance decides who speaks, second by second"
)
ENDING = "a step comes as its node is about to advertise: chance decides which is first"
BUSY = "the machine was busy: a daemon stood still for longer than times may differ, by its own log"
BURST = "more frames at once than the bench's capture had room for: some are missing in what it saw"
NEW_LINK = "a link that the bench has just made has no link-local address yet"
ANSWERING = "a Master answers one that does not hear it: both speak at once, and chance decides who is first"
BEAT = "a check's timeout ends as its next run is due: chance decides which is first"
_MANY = 60
"""Announcements of a node at one moment of which the capture may have lost some."""
_SAME_MOMENT = 0.005
"""Seconds."""
_AFTERWARDS = 1.2
"""Seconds after such a moment in which a difference follows from it: an interval, and some more."""
_ABOUT = 0.03
"""Seconds from a step to an advert of its node."""
_NEW = 1.5
"""Seconds from the beginning in which a link may still be new."""
_STANDSTILL = 0.1
"""Seconds between two things of one breath that show that a daemon stood still."""
_LATE = re.compile(r"^A thread timer expired ([\d.]+) seconds ago$")
_ENTERS = re.compile(r"^\((\S+)\) Entering (?:(MASTER) STATE|(BACKUP) STATE \(init\))$")
"""What is always told to the notify FIFO at once."""
_TIMEOUT = re.compile(r"^\((\S+)\) Receive advertisement timeout$")
_REFUSED = re.compile(
    r"wrong VRRP version|invalid passwd|Invalid VRRPv3 checksum|received a \d auth|IPSEC-AH|"
    r"advertisement interval mismatch with|not a unicast peer"
)


def reason_for(case: Case, real: Outcome, found: list[Difference]) -> str:
    """Return why a disagreement is understood; empty if it is not."""
    unmodelled = dict.fromkeys(line for _, text in case.texts() for line in unmodelled_settings(text))
    if unmodelled:
        return "not modelled: " + "; ".join(unmodelled)
    first = min(difference.fact.at for difference in found)
    if any(-_SAME_MOMENT <= first - at <= _AFTERWARDS for at in _ties(real)):
        return TOGETHER
    if _has_two_masters(real, first):
        if any(line.at <= first and _REFUSED.search(line.what) for line in real.logs):
            return IN_STEP
        if any(line.at <= first and "forcing new election" in line.what for line in real.logs):
            return ANSWERING
    steps = case.with_times(list(real.done)).steps
    if any(begin <= first <= end for begin, end in _standstills(real, steps)):
        return BUSY
    speakers = [f.fact for f in found if f.kind == "adverts" and f.fact.at == first]
    if any(s.node == f.who.split(" ", 1)[0] and abs(s.at - f.at) < _ABOUT for s in steps for f in speakers):
        return ENDING
    if any(f.fact.at == first and "expect idle - skipping run" in f.fact.what for f in found):
        return BEAT
    if all(f.kind == "announcements" and f.side == "simulated" for f in found) and _is_burst(real, first):
        return BURST
    really = [f.fact.what for f in found if f.side == "real"]
    if first < _NEW and any("no IPv6 address for interface" in told for told in really):
        return NEW_LINK
    return ""


def _standstills(real: Outcome, steps: Sequence[Step]) -> Iterator[tuple[float, float]]:
    """Yield from when until when a difference comes from a daemon that stood still, and was not frozen."""
    thaws = [(step.node, step.at) for step in steps if step.verb == "thaw"]
    for line in real.logs:
        late, entered = _LATE.match(line.what), _ENTERS.match(line.what)
        if late and not any(node == line.who and abs(line.at - at) < _STANDSTILL for node, at in thaws):
            yield line.at - float(late[1]) - _STANDSTILL, line.at + _STANDSTILL
        elif entered:
            who, state = f"{line.who} {entered[1]}", entered[2] or entered[3]
            told = (f.at for f in real.states if f.who == who and f.what.startswith(state))
            until = next((at for at in told if at > line.at - _SAME_MOMENT), line.at + _AFTERWARDS)
            if until - line.at > _STANDSTILL:
                yield line.at - _STANDSTILL, until + _STANDSTILL


def _is_burst(real: Outcome, at: float) -> bool:
    """True if a node announced a lot at a time."""
    nodes = [a.who.split(" ", 1)[0] for a in real.announcements if abs(a.at - at) < _STANDSTILL]
    return any(nodes.count(node) >= _MANY for node in set(nodes))


def _ties(real: Outcome) -> Iterator[float]:
    """Yield when timers of an instance ended on two nodes at once, or two of its Masters spoke at once."""
    matches = ((line, _TIMEOUT.match(line.what)) for line in real.logs)
    timeouts = [Fact(line.at, line.who, match[1]) for line, match in matches if match]
    answers = [line.at for line in real.logs if "forcing new election" in line.what]
    adverts = [
        Fact(advert.at, node, vrid)
        for advert in real.adverts
        for node, vrid in [advert.who.split(" ", 1)]
        if not any(abs(advert.at - at) < _SAME_MOMENT for at in answers)
    ]
    for facts in (timeouts, adverts):
        facts.sort(key=lambda fact: (fact.what, fact.at))
        for one, other in pairwise(facts):
            if one.what == other.what and one.who != other.who and other.at - one.at < _SAME_MOMENT:
                yield one.at


def _has_two_masters(real: Outcome, at: float) -> bool:
    """True if two nodes were Master of one instance before a time, and for longer than it takes to yield."""
    states: dict[str, str] = {}
    since = 0.0
    for fact in real.states:
        if fact.at > at:
            break
        states[fact.who], since = fact.what.partition(" ")[0], fact.at
    masters = [who.split(" ", 1)[1] for who, state in states.items() if state == "MASTER"]
    return len(masters) > len(set(masters)) and at - since > _SAME_MOMENT
