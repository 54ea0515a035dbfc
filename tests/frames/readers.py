"""Everything that reads a frame, and what must be true of what it makes of it."""

from __future__ import annotations

from collections.abc import Iterable

from hatlab import events as e
from hatlab.dissect import dissect
from hatlab.vrrp import codec
from hatlab.vrrp.acceptance import find_refusal, list_remarks, socket_receives
from hatlab.vrrp.capture import observe_frame
from hatlab.vrrp.router import Rules

RULES = (
    Rules("VI_1", 2, 51, 100, 1.0, "172.17.0.3", ("198.18.7.101",), auth_pass="hatlab"),
    Rules("VI_2", 3, 52, 100, 1.0, "172.17.0.3", ("198.18.7.101",)),
)
"""A virtual router of each version."""


def read_frames(frames: Iterable[bytes], dissect_every: int) -> list[str]:
    """Give frames to all readers; return what is wrong, each with its frame.

    Args:
        frames: as captured.
        dissect_every: of so many frames, one is dissected, which takes a hundred times as long.
    """
    problems = []
    for number, frame in enumerate(frames):
        try:
            wrong = _read(frame)
            if number % dissect_every == 0:
                wrong = wrong or _wrong_fields(frame)
        except Exception as error:  # noqa: BLE001 - no frame may raise anything
            wrong = f"{type(error).__name__}: {error}"
        if wrong:
            problems.append(f"{frame.hex()}: {wrong}")
    return problems


def _read(frame: bytes) -> str:
    """Decode a frame, judge it and record it; return what is wrong."""
    advert = codec.decode(frame)
    if advert is not None:
        for rules in RULES:
            socket_receives(rules, advert)
            complaint = find_refusal(rules, advert)
            if complaint is None and {"checksum", "truncated", "length", "ttl"} & set(advert.defects):
                return f"accepted although {', '.join(advert.defects)}"
            list_remarks(rules, advert)
    event = observe_frame(1.0, "db1", "in", "lan", frame)
    if (advert is not None) != isinstance(event, e.Advert):
        return "the capture and the codec disagree about what this is"
    if event is not None and e.from_dict(e.to_dict(event)) != event:
        return "its event is another one when it is read again"
    return ""


def _wrong_fields(frame: bytes) -> str:
    """Dissect a frame; return what is wrong."""
    for field in dissect(frame):
        if not (field.offset >= 0 and field.length >= 0 and field.offset + field.length <= len(frame)):
            return f"the field {field.name} stands at {field.offset}, {field.length} bytes, behind the end"
        if not field.explanation:
            return f"the field {field.name} has no sentence"
    return ""
