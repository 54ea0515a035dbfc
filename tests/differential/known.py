"""Disagreements that are understood: what the simulator leaves out on purpose, and what chance decides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tests.differential.case import Case, Step
from tests.differential.compare import Difference
from tests.differential.outcome import Fact, Outcome

TOGETHER = "timers of two nodes end in the same millisecond: chance decides whose is first"
IN_STEP = (
    "two Masters that refuse each other's adverts fall into step: chance decides who speaks, second by second"
)
ENDING = "a step, or a check's result, comes as its node is about to advertise: chance decides which is first"
RELOADING = "a reload reads its file as an advert arrives: chance decides which is first"
STILL_ENDING = "a start comes while the daemon before it still ends: real keepalived took longer to end"
LINK_OF_IPV6 = "a link of IPv6 goes down with its addresses: chance decides which the daemon hears of first"
LOOPBACK = (
    "not modelled: an address on lo with the prefix of a network makes its holder answer for all of that "
    "network, and take the adverts of its peers"
)
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
_ENDS = 0.3
"""Seconds for which a daemon may still be ending when it is started again."""
_NEW = 1.5
"""Seconds from the beginning in which a link may still be new."""
_STANDSTILL = 0.1
"""Seconds between two things of one breath that show that a daemon stood still."""
_LATE = re.compile(r"^A thread timer expired ([\d.]+) seconds ago$")
_VERDICT = re.compile(r"^VRRP_Script\(\S+\) (failed|succeeded)")
_PREFIX_ON_LOOPBACK = re.compile(r"\d/(?!32\b)\d+ dev lo\b")
_ENTERS = re.compile(r"^\((\S+)\) Entering (?:(MASTER) STATE|(BACKUP) STATE \(init\))$")
"""What is always told to the notify FIFO at once."""
_TIMEOUT = re.compile(r"^\((\S+)\) Receive advertisement timeout$")
_REFUSED = re.compile(
    r"wrong VRRP version|invalid passwd|Invalid VRRPv3 checksum|received a \d auth|IPSEC-AH|"
    r"advertisement interval mismatch with|not a unicast peer"
)


def reason_for(case: Case, real: Outcome, found: list[Difference]) -> str:
    """Return why a disagreement is understood; empty if it is not."""
    first = min(difference.fact.at for difference in found)
    steps = case.with_times(list(real.done)).steps
    for reason in (_because_of_time, _because_of_steps, _because_of_the_machine):
        if why := reason(real, found, first, steps):
            return why
    texts = [text for _, text in case.texts()]
    if any(_PREFIX_ON_LOOPBACK.search(text) and "unicast_peer" in text for text in texts):
        return LOOPBACK
    return ""


def _because_of_time(real: Outcome, found: list[Difference], first: float, _steps: Sequence[Step]) -> str:
    """Two things come at the same moment."""
    if any(-_SAME_MOMENT <= first - at <= _AFTERWARDS for at in _ties(real)):
        return TOGETHER
    if _has_two_masters(real, first):
        if any(line.at <= first and _REFUSED.search(line.what) for line in real.logs):
            return IN_STEP
        if any(line.at <= first and "forcing new election" in line.what for line in real.logs):
            return ANSWERING
    if any(f.fact.at == first and "expect idle - skipping run" in f.fact.what for f in found):
        return BEAT
    return ""


def _because_of_steps(real: Outcome, found: list[Difference], first: float, steps: Sequence[Step]) -> str:
    """Something is done to a node just as it does something by itself."""
    speakers = {_node_of(f) for f in found if f.kind == "adverts" and f.fact.at == first}
    done = [(step.node, step.at, _ABOUT) for step in steps]
    done += [(line.who, line.at, _SAME_MOMENT) for line in real.logs if _VERDICT.match(line.what)]
    if any(node in speakers and abs(at - first) < near for node, at, near in done):
        return ENDING
    if any(s.verb == "start" and s.at <= first <= s.at + _ENDS and _still_ends(real, s) for s in steps):
        return STILL_ENDING
    here = {s.verb for s in steps for f in found if s.node == _node_of(f) and s.at <= first < s.at + _ABOUT}
    if "edit" in here and any(abs(advert.at - first) < _ABOUT for advert in real.adverts):
        return RELOADING
    if "down" in here and all("Cant send advert to fd" in f.fact.what for f in found):
        return LINK_OF_IPV6
    return ""


def _because_of_the_machine(
    real: Outcome, found: list[Difference], first: float, steps: Sequence[Step]
) -> str:
    """The machine that the bench runs on was busy, or lost a frame."""
    if any(begin <= first <= end for begin, end in _standstills(real, steps)):
        return BUSY
    if all(f.kind == "announcements" and f.side == "simulated" for f in found) and _is_burst(real, first):
        return BURST
    really = [f.fact.what for f in found if f.side == "real"]
    if first < _NEW and any("no IPv6 address for interface" in told for told in really):
        return NEW_LINK
    return ""


def _node_of(difference: Difference) -> str:
    return difference.fact.who.split(" ", 1)[0]


def _still_ends(real: Outcome, start: Step) -> bool:
    """True if the daemon of before told its end only after a start."""
    ends = (f.at for f in real.logs if f.who == start.node and f.what.startswith("Stopped Keepalived"))
    return any(start.at < at < start.at + _ENDS for at in ends)


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
