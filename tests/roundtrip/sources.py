"""What an operator would have of a lab's run: each node's log, capture and configuration; nothing else."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hatlab import events as e

BEGAN = datetime(2026, 11, 30, 3, 12, 0, tzinfo=UTC)
_MAGIC, _ETHERNET, _SNAP = 0xA1B2C3D4, 1, 65535


@dataclass(frozen=True)
class Brought:
    """What is brought, and how exact it is."""

    name: str
    logs: bool = True
    captures: tuple[bool, bool] = (True, True)
    """Of the first node, and of all others."""
    to_the_second: bool = False
    """The logs' stamps have no fractions, and no year."""
    ahead: float = 0.0
    """Seconds by which the clocks of all nodes but the first are ahead."""
    within: float = 0.05
    """Seconds by which imported times may be off."""


BROUGHT = (
    Brought("logs and captures"),
    Brought("clocks 83 s apart", ahead=83.0),
    Brought("one capture missing", captures=(False, True)),
    Brought("logs alone", captures=(False, False), within=0.1),
    Brought("logs to the second, captures", to_the_second=True, within=1.0),
    Brought("logs to the second alone", captures=(False, False), to_the_second=True, within=1.0),
    Brought("captures alone", logs=False),
)


def write_sources(events: Sequence[e.Event], brought: Brought, folder: Path) -> list[Path]:
    """Write a folder a node, and return them."""
    lab = next(event for event in events if isinstance(event, e.Lab))
    folders = []
    for number, node in enumerate(lab.topology["nodes"]):
        own = [event for event in events if getattr(event, "node", "") == node]
        confs = [event.text for event in own if isinstance(event, e.Conf)]
        if not confs:
            continue
        place = folder / node
        place.mkdir(parents=True)
        folders.append(place)
        (place / "keepalived.conf").write_text(confs[0])
        began = BEGAN + timedelta(seconds=brought.ahead if number else 0.0)
        if brought.logs:
            (place / "messages").write_text("".join(_log_lines(own, node, began, brought)))
        if brought.captures[number > 0]:
            (place / "vip.pcap").write_bytes(_capture(own, began))
    return folders


def _log_lines(own: Sequence[e.Event], node: str, began: datetime, brought: Brought) -> list[str]:
    lines = []
    for event in own:
        if isinstance(event, e.Log) and event.service == "keepalived":
            at = began + timedelta(seconds=event.at)
            stamp = f"{at:%b} {at.day:>2} {at:%H:%M:%S}" if brought.to_the_second else at.isoformat()
            lines.append(f"{stamp} {node} Keepalived_vrrp[33]: {event.text}\n")
    return lines


def _capture(own: Sequence[e.Event], began: datetime) -> bytes:
    """Return a pcap of a node's frames, in microseconds."""
    frames = sorted(
        (event.at, event.frame) for event in own if isinstance(event, e.Advert | e.Arp) and event.frame
    )
    parts = [struct.pack("<IHHiIII", _MAGIC, 2, 4, 0, 0, _SNAP, _ETHERNET)]
    for at, text in frames:
        frame, moment = bytes.fromhex(text), round((began.timestamp() + at) * 1e6)
        parts.append(struct.pack("<IIII", *divmod(moment, 1_000_000), len(frame), len(frame)) + frame)
    return b"".join(parts)
