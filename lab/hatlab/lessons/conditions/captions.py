"""Measures and conditions in words: `missing db1` is "acknowledged rows that db1 did not have".

Both tables hold phrases by the first word of a measure or condition; `{0}`, `{1}` … are the words after it.
"""

from __future__ import annotations

from collections.abc import Mapping

from hatlab.lessons.conditions.syntax import (
    All,
    Capture,
    Condition,
    Held,
    Leaf,
    MeasureCall,
    Not,
    Order,
    Predicate,
)

MEASURED = {
    "owner": "who held the address",
    "master": "who was Master",
    "outage": "how long {0} was cut off",
    "unanswered": "the longest time that {0} was cut off",
    "failed": "failed tries of {0}",
    "answered": "the server that last answered {0}",
    "takeover": "from the last advert {0} accepted until it became Master",
    "handovers": "how many times a node became Master",
    "skew": "skew of {0}, by its settings",
    "master_down": "master-down interval of {0}, by its settings",
    "priority": "priority of {0}",
    "interval": "advert interval of {0}, by its settings",
    "setting": "{1} in the keepalived.conf of {0}",
    "adverts": "adverts sent by {0}",
    "received": "adverts from {1} that reached {0}",
    "field": "{1} in the adverts of {0}",
    "acknowledged": "rows acknowledged by {0}",
    "missing": "acknowledged rows missing on {0}",
    "value": "{3} of {1} {2} on {0}",
    "errno": "the replication error number on {0}",
}
HELD = {
    "state": ("{0} reports {1}", "{0} reported {1}"),
    "master": ("{0} alone is Master", "{0} alone was Master"),
    "holds": ("{0} holds the address", "{0} held the address"),
    "owner": ("{0} alone holds the address", "{0} alone held the address"),
    "owners": ("{0} servers hold the address", "{0} servers held the address"),
    "process": ("{0} on {1} is {2}", "{0} on {1} was {2}"),
    "power": ("{0} is {1}", "{0} was {1}"),
    "cut": ("{0} is cut", "{0} was cut"),
    "answered": ("{0} answers the client", "{0} answered the client"),
    "replicates": ("{0} replicates", "{0} replicated"),
    "became": ("{0} becomes {1}", "{0} became {1}"),
    "elapsed": ("", "the task began"),
    "healthy": ("all is well", "all was well"),
}
"""Conditions: as they hold, and as they held."""
_WHOLE = {
    "owners 0": ("nobody holds the address", "nobody held the address"),
    "owners 1": ("one server holds the address", "one server held the address"),
}
"""The same for all words of a condition, where its phrase would be no sentence."""
_AS_THEY_HELD = {name: held for name, (_, held) in HELD.items()}
_UNNAMED_CLIENT = "the client"
"""For a client's name that was left out."""


def describe_capture(capture: Capture) -> str:
    """Return what a capture of a sound lesson is: a measure, or the time between two moments.

    A measure without words is named as the lesson writes it; moments without words are "".
    """
    if isinstance(capture, MeasureCall):
        return _fill_phrase(MEASURED, capture) or capture.written
    first, then = map(_describe_moment, capture.parts)
    return f"from when {first} until {then}" if first and then else ""


def is_calculated(capture: Capture) -> bool:
    """True for a time that follows from settings: prose gives it in thousandths, as a sum does."""
    return isinstance(capture, MeasureCall) and capture.written.partition(" ")[0] in {"skew", "master_down"}


def describe_condition(condition: Condition) -> str:
    """Return a condition in words, as it holds; "" where there are none for all that it says."""
    match condition:
        case Predicate(written=str() as written) if written in _WHOLE:
            return _WHOLE[written][0]
        case Predicate(words=(name, *rest)):
            now, _ = HELD.get(name, ("", ""))
            return now.format(*rest) if now.count("{") == len(rest) else ""
        case All(parts=parts):
            phrases = list(map(describe_condition, parts))
            return " and ".join(phrases) if all(phrases) else ""
        case Held(parts=(part,), seconds=seconds):
            phrase = describe_condition(part)
            return phrase and f"{phrase}, for {seconds:g} s"
        case _:
            return ""


def _describe_moment(condition: Condition) -> str:
    """Return the part of a condition that comes to hold last, or says most, as it held."""
    match condition:
        case Predicate(written=str() as written) if written in _WHOLE:
            return _WHOLE[written][1]
        case Predicate():
            return _fill_phrase(_AS_THEY_HELD, condition)
        case Not(parts=(Predicate(words=("cut", network, *_)),)):
            return f"{network} was healed"
        case All(written=list()):
            return _describe_moment(condition.parts[0])
        case All() | Order() | Held():
            return _describe_moment(condition.parts[-1])
        case _:
            return ""


def _fill_phrase(phrases: Mapping[str, str], line: Leaf) -> str:
    name, *words = line.words
    rest = [_UNNAMED_CLIENT if word == "client" else word for word in words]
    return phrases[name].format(*rest, *[_UNNAMED_CLIENT] * 4) if name in phrases else ""
