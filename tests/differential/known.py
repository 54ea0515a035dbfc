"""Disagreements that are understood: what the simulator leaves out on purpose, and what chance decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from hatlab.keepalived.diagnose.effects import unmodelled_settings
from tests.differential.case import Case
from tests.differential.compare import Difference
from tests.differential.outcome import Fact, Outcome

TOGETHER = "timers of two nodes end in the same millisecond: chance decides whose is first"
IN_STEP = (
    "two Masters that refuse each other's adverts fall into step: chance decides who speaks, second by second"
)
_SAME_MOMENT = 0.005
"""Seconds."""
_AFTERWARDS = 1.2
"""Seconds after such a moment in which a difference follows from it: an interval, and some more."""
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
    if _masters_refuse_each_other(real, first):
        return IN_STEP
    return ""


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


def _masters_refuse_each_other(real: Outcome, at: float) -> bool:
    """True if two nodes were Master of one instance before a time, and adverts were refused."""
    if not any(line.at <= at and _REFUSED.search(line.what) for line in real.logs):
        return False
    states: dict[str, str] = {}
    for fact in real.states:
        if fact.at > at:
            break
        states[fact.who] = fact.what.partition(" ")[0]
    masters = [who.split(" ", 1)[1] for who, state in states.items() if state == "MASTER"]
    return len(masters) > len(set(masters))
